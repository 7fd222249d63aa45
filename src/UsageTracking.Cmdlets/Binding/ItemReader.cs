using System.Collections;
using System.Management.Automation;

namespace UsageTracking.Cmdlets.Binding;

/// <summary>Reads named values of what came down the pipeline: properties of an object, or keys of a dictionary, in any case.</summary>
internal static class ItemReader
{
    /// <summary>Refuses what has no named values.</summary>
    /// <exception cref="UsageException"><c>InvalidRecord</c>.</exception>
    public static object Check(object? item) => item switch
    {
        null => throw Invalid("A null came down the pipeline where an object was expected.", item),
        string or Array => throw NoProperties(item),
        // Numbers, times, enums, entries of a dictionary; structs of a program's own may be records.
        Enum => throw NoProperties(item),
        ValueType when $"{item.GetType().Namespace}.".StartsWith("System.", StringComparison.Ordinal) => throw NoProperties(item),
        _ => item,
    };

    /// <summary>One value by its name or another name for it.</summary>
    /// <exception cref="UsageException"><c>InvalidRecord</c>: the property cannot be read.</exception>
    public static bool TryGet(object item, string name, string? alias, out object? value)
    {
        value = null;
        if (item is IDictionary dictionary)
        {
            foreach (DictionaryEntry entry in dictionary)
            {
                if (entry.Key is not string key
                    || (!key.Equals(name, StringComparison.OrdinalIgnoreCase) && !key.Equals(alias, StringComparison.OrdinalIgnoreCase)))
                {
                    continue;
                }

                value = Unwrap.Base(entry.Value);
                return true;
            }

            return false;
        }

        PSMemberInfoCollection<PSPropertyInfo> properties = (item as PSObject ?? PSObject.AsPSObject(item)).Properties;
        if ((properties[name] ?? (alias is null ? null : properties[alias])) is not { } property)
            return false;

        value = Read(property);
        return true;
    }

    /// <summary>The value of a property.</summary>
    /// <exception cref="UsageException"><c>InvalidRecord</c>: its getter failed.</exception>
    public static object? Read(PSPropertyInfo property)
    {
        try
        {
            return Unwrap.Base(property.Value);
        }
        catch (RuntimeException error)
        {
            throw Invalid($"The property {property.Name} cannot be read: {error.Message}", null);
        }
    }

    private static UsageException NoProperties(object item) => Invalid(
        $"'{item}' ({item.GetType().Name}) has no properties of its own. Pipe objects or hashtables whose properties carry the parameters' names.", item);

    private static UsageException Invalid(string message, object? target) => new(UsageErrorKind.InvalidInput, "InvalidRecord", message, target);
}
