using System.Management.Automation;
using System.Text.Json;
using UsageTracking.Files.Import;

namespace UsageTracking.Cmdlets.Binding;

/// <summary>Makes of a record of a file the object that a script block sees as $_.</summary>
internal static class RowObject
{
    /// <summary>An object with a property for each column.</summary>
    /// <exception cref="UsageException"><c>InvalidLine</c>.</exception>
    public static PSObject From(RowReader row) => From(row.ReadValues());

    private static PSObject From(IEnumerable<KeyValuePair<string, object?>> values)
    {
        var item = new PSObject();
        foreach ((string name, object? value) in values)
        {
            // The last of repeated names counts, and no property goes without a name.
            if (name.Length == 0)
                continue;

            item.Properties.Remove(name);
            item.Properties.Add(new PSNoteProperty(name, value is JsonElement element ? From(element) : value));
        }

        return item;
    }

    private static object? From(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => From(element.EnumerateObject().Select(p => new KeyValuePair<string, object?>(p.Name, p.Value))),
        JsonValueKind.Array => element.EnumerateArray().Select(From).ToArray(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when element.TryGetInt64(out long whole) => whole,
        JsonValueKind.Number when element.TryGetDecimal(out decimal number) => number,
        JsonValueKind.Number => element.GetDouble(),
        _ => null,
    };
}
