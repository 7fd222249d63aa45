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
        return IsList(input) ? EachOf((IEnumerable)input!) : [input];
    }

    /// <summary>The items of a collection.</summary>
    public static IEnumerable<object?> EachOf(IEnumerable list) => list.Cast<object?>().Select(Base);

    /// <summary>Whether an object stands for several.</summary>
    public static bool IsList(object? value) => value is IEnumerable and not string and not IDictionary;
}
