using System.Collections;
using System.Management.Automation;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Binding;

/// <summary>Reads metadata from a hashtable, an object or JSON text.</summary>
internal static class MetadataReader
{
    private static readonly Metadata.PropertyReader Properties = ReadProperties;

    public static Metadata Read(object? value) => Unwrap.Base(value) switch
    {
        null or "" => Metadata.Empty,
        Metadata metadata => metadata,
        string json => Metadata.Parse(json),
        IDictionary dictionary => Metadata.From(dictionary, Properties),
        { } other when ReadProperties(other) is not null => Metadata.From(other, Properties),
        { } other => throw new UsageException(UsageErrorKind.InvalidInput, "InvalidMetadata",
            $"The metadata ({other.GetType().Name}) has no named values. Give a hashtable, an object or a JSON object.", other),
    };

    private static IEnumerable<KeyValuePair<string, object?>>? ReadProperties(object value)
    {
        if (Unwrap.Base(value) is not { } inner)
            return null;

        // Values with a text of their own are written as that text; their properties would say less.
        if (inner is string or Uri or Version or Type or Delegate or System.Net.IPAddress or ScriptBlock || inner.GetType().IsValueType)
            return null;

        if (inner is IDictionary dictionary)
            return Entries(dictionary);

        return inner is IEnumerable ? null : Named(inner as PSObject ?? PSObject.AsPSObject(inner));
    }

    private static IEnumerable<KeyValuePair<string, object?>> Entries(IDictionary dictionary)
    {
        foreach (DictionaryEntry entry in dictionary)
            yield return new KeyValuePair<string, object?>(entry.Key.ToString() ?? "", Unwrap.Base(entry.Value));
    }

    private static IEnumerable<KeyValuePair<string, object?>> Named(PSObject value)
    {
        foreach (PSPropertyInfo property in value.Properties)
        {
            if (property.IsGettable)
                yield return new KeyValuePair<string, object?>(property.Name, ItemReader.Read(property));
        }
    }
}
