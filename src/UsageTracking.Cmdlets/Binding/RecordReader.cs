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
    private static readonly Dictionary<string, Action<RecordInput, object?>> Fields = new(StringComparer.OrdinalIgnoreCase)
    {
        ["CustomerId"] = PutCustomerId,
        ["customer_id"] = PutCustomerId,
        ["Service"] = PutService,
        ["service_name"] = PutService,
        ["Quantity"] = static (record, value) => record.Quantity = value,
        ["Metadata"] = static (record, value) => record.Metadata = MetadataReader.Read(value),
        ["Timestamp"] = PutTimestamp,
        ["recorded_at"] = PutTimestamp,
        ["UnitCost"] = PutUnitCost,
        ["unit_cost"] = PutUnitCost,
        ["EventKey"] = PutEventKey,
        ["event_key"] = PutEventKey,
    };

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
                foreach (DictionaryEntry entry in dictionary)
                {
                    if (entry.Key is string key && Fields.TryGetValue(key, out Action<RecordInput, object?>? putEntry))
                        putEntry(record, Unwrap.Base(entry.Value));
                }

                return;
            case string or ValueType:
                throw new UsageException(UsageErrorKind.InvalidInput, "InvalidRecord",
                    $"'{input}' is a {input.GetType().Name}, which has no Service or Quantity. Pipe objects or hashtables with properties such as Service, Quantity and Metadata.", input);
        }

        // One walk over the properties: asking for each name costs more, above all for names that are not there.
        foreach (PSPropertyInfo property in (input as PSObject ?? PSObject.AsPSObject(input)).Properties)
        {
            if (Fields.TryGetValue(property.Name, out Action<RecordInput, object?>? put))
                put(record, Unwrap.Base(property.Value));
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

    private static void PutCustomerId(RecordInput record, object? value) => record.CustomerId = Text(value, "InvalidCustomerId", "customer id");

    private static void PutService(RecordInput record, object? value) => record.Service = Text(value, "UnknownService", "service");

    private static void PutTimestamp(RecordInput record, object? value) => record.Timestamp = TimeInput.From(value);

    private static void PutUnitCost(RecordInput record, object? value) => record.UnitCost = IsNothing(value) ? null : value;

    private static void PutEventKey(RecordInput record, object? value) =>
        record.EventKey = IsNothing(value) ? null : LanguagePrimitives.ConvertTo<string>(value);

    private static bool IsNothing(object? value) => value is null or "";

    // Present but null or empty is a mistake in the data, not a wish for the default.
    private static string Text(object? value, string errorId, string what) =>
        IsNothing(value)
            ? throw new UsageException(UsageErrorKind.InvalidInput, errorId, $"The {what} is there but empty. Give one, or leave the property out for the default.", value)
            : LanguagePrimitives.ConvertTo<string>(value);
}
