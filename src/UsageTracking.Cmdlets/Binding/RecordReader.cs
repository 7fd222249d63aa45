using System.Collections;
using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Binding;

/// <summary>
/// Reads the values of a record from whatever object comes down the pipeline: its properties (or a dictionary's keys) of
/// these names, in any case, or as the exports of the original spell them.
/// </summary>
internal static class RecordReader
{
    private static readonly Field[] Fields =
    [
        new("CustomerId", "customer_id", (r, v) => r.CustomerId = Text(v, "InvalidCustomerId", "customer id")),
        new("Service", "service_name", (r, v) => r.Service = Text(v, "UnknownService", "service")),
        new("Quantity", null, (r, v) => r.Quantity = v),
        new("Metadata", null, (r, v) => r.Metadata = MetadataReader.Read(v)),
        new("Timestamp", "recorded_at", (r, v) => r.Timestamp = TimeInput.From(v)),
        new("UnitCost", "unit_cost", (r, v) => r.UnitCost = IsNothing(v) ? null : v),
        new("EventKey", "event_key", (r, v) => r.EventKey = IsNothing(v) ? null : LanguagePrimitives.ConvertTo<string>(v)),
    ];

    /// <summary>Puts the values of an object into a record input; what it does not name stays.</summary>
    /// <exception cref="UsageException">A value is present but unusable, or the object has no properties at all.</exception>
    public static void Read(object input, RecordInput record)
    {
        switch (input)
        {
            case UsageRecordInfo stored:
                Read(stored, record);
                return;
            case IDictionary dictionary:
                Read(name => Find(dictionary, name, out object? value) ? (true, value) : default, record);
                return;
            case string or ValueType:
                throw new UsageException(UsageErrorKind.InvalidInput, "InvalidRecord",
                    $"'{input}' is a {input.GetType().Name}, which has no Service or Quantity. Pipe objects or hashtables with properties such as Service, Quantity and Metadata.", input);
        }

        PSMemberInfoCollection<PSPropertyInfo> properties = (input as PSObject ?? PSObject.AsPSObject(input)).Properties;
        Read(name => properties[name] is { } property ? (true, property.Value) : default, record);
    }

    private static void Read(Func<string, (bool Found, object? Value)> find, RecordInput record)
    {
        foreach (Field field in Fields)
        {
            (bool found, object? value) = find(field.Name);
            if (!found && field.Synonym is not null)
                (found, value) = find(field.Synonym);

            if (found)
                field.Put(record, Unwrap.Base(value));
        }
    }

    private static void Read(UsageRecordInfo stored, RecordInput record)
    {
        record.CustomerId = stored.CustomerId;
        record.Service = stored.Service;
        record.Quantity = stored.Quantity;
        record.Metadata = stored.Core.Metadata;
        record.Timestamp = TimeInput.At(stored.Timestamp);
        record.UnitCost = stored.UnitCost;
        record.EventKey = stored.EventKey;
    }

    private static bool Find(IDictionary dictionary, string name, out object? value)
    {
        value = dictionary[name];
        return value is not null || dictionary.Contains(name);
    }

    private static bool IsNothing(object? value) => value is null or "";

    // Present but null or empty is a mistake in the data, not a wish for the default.
    private static string Text(object? value, string errorId, string what) =>
        IsNothing(value)
            ? throw new UsageException(UsageErrorKind.InvalidInput, errorId, $"The {what} is there but empty. Give one, or leave the property out for the default.", value)
            : LanguagePrimitives.ConvertTo<string>(value);

    private sealed record Field(string Name, string? Synonym, Action<RecordInput, object?> Put);
}
