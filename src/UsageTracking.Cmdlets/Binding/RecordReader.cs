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
    internal static readonly Dictionary<string, Field> Fields = new(StringComparer.OrdinalIgnoreCase)
    {
        ["CustomerId"] = new("CustomerId", PutCustomerId),
        ["customer_id"] = new("CustomerId", PutCustomerId),
        ["Service"] = new("Service", PutService),
        ["service_name"] = new("Service", PutService),
        ["Quantity"] = new("Quantity", static (record, value) => record.Quantity = value),
        ["Metadata"] = new("Metadata", static (record, value) => record.Metadata = MetadataReader.Read(value)),
        ["Timestamp"] = new("Timestamp", PutTimestamp),
        ["recorded_at"] = new("Timestamp", PutTimestamp),
        ["UnitCost"] = new("UnitCost", PutUnitCost),
        ["unit_cost"] = new("UnitCost", PutUnitCost),
        ["EventKey"] = new("EventKey", PutEventKey),
        ["event_key"] = new("EventKey", PutEventKey),
    };

    /// <summary>Puts the values of an object into a record input; what it does not name stays.</summary>
    /// <param name="input">The object.</param>
    /// <param name="record">The record input.</param>
    /// <param name="given">Parameters that stand on the command line: the object's values for them are not even read.</param>
    /// <param name="classes">What is known of the classes of the pipeline's objects.</param>
    /// <exception cref="UsageException">A value is present but unusable.</exception>
    public static void Read(object input, RecordInput record, IReadOnlySet<string> given, ClassReader classes)
    {
        switch (input)
        {
            case UsageRecordInfo stored:
                Read(stored, record);
                return;
            case RejectedUsageRecord rejected:
                Read(rejected, record);
                return;
            case IDictionary dictionary:
                foreach (DictionaryEntry entry in dictionary)
                {
                    if (entry.Key is string key && Fields.TryGetValue(key, out Field? named) && !given.Contains(named.Parameter))
                        named.Put(record, Unwrap.Base(entry.Value));
                }

                return;
        }

        if (classes.TryRead(input, record, given))
            return;

        bool anyGiven = given.Count > 0;
        // One walk over the properties: asking for each name costs more, above all for names that are not there.
        foreach (PSPropertyInfo property in (input as PSObject ?? PSObject.AsPSObject(input)).Properties)
        {
            if (Fields.TryGetValue(property.Name, out Field? field) && !(anyGiven && given.Contains(field.Parameter)))
                field.Put(record, ItemReader.Read(property));
        }
    }

    /// <summary>The same for what every record has: customer, time, price and key.</summary>
    public static void ReadCommon(object input, RecordInput record, IReadOnlySet<string> given)
    {
        foreach (string name in (string[])["CustomerId", "Timestamp", "UnitCost", "EventKey"])
        {
            if (!given.Contains(name) && ItemReader.TryGet(input, name, null, out object? value))
                Fields[name].Put(record, value);
        }
    }

    /// <summary>Puts one value.</summary>
    /// <exception cref="UsageException">It is unusable.</exception>
    public static void Put(string name, RecordInput record, object? value) => Fields[name].Put(record, Unwrap.Base(value));

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

    private static void Read(RejectedUsageRecord rejected, RecordInput record)
    {
        PutCustomerId(record, rejected.CustomerId);
        PutService(record, rejected.Service);
        record.Quantity = Unwrap.Base(rejected.Quantity);
        record.InBytes = rejected.IsInBytes;
        // Read both ways, so that what was left alone keeps every digit.
        Metadata given = MetadataReader.Read(rejected.Metadata);
        Metadata original = rejected.Core.Record.Metadata;
        record.Metadata = given.Equals(MetadataReader.Read(new UsageMetadata(original))) ? original : given;
        PutUnitCost(record, Unwrap.Base(rejected.UnitCost));
        PutEventKey(record, rejected.EventKey);
        PutTimestamp(record, Unwrap.Base(rejected.Timestamp));
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

    internal sealed record Field(string Parameter, Action<RecordInput, object?> Put);
}
