using System.Management.Automation;

namespace UsageTracking.Cmdlets.Binding;

/// <summary>Takes off the wrapper that PowerShell puts around objects.</summary>
internal static class Unwrap
{
    public static object? Base(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
}
