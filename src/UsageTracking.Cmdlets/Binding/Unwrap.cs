using System.Collections;
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

    /// <summary>The items of a collection that was given by name, and so arrives in one piece; else the object itself.</summary>
    public static IEnumerable<object?> Items(object? value)
    {
        object? input = Base(value);
        return input is IEnumerable items and not string and not IDictionary ? items.Cast<object?>().Select(Base) : [input];
    }
}
