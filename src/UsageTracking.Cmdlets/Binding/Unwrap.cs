using System.Management.Automation;
using System.Management.Automation.Internal;

namespace UsageTracking.Cmdlets.Binding;

/// <summary>Takes off the wrapper that PowerShell puts around objects; what an empty pipeline gives is null.</summary>
internal static class Unwrap
{
    public static object? Base(object? value) => value switch
    {
        null => null,
        PSObject wrapped when ReferenceEquals(wrapped, AutomationNull.Value) => null,
        PSObject { BaseObject: not PSCustomObject } wrapped => wrapped.BaseObject,
        _ => value,
    };
}
