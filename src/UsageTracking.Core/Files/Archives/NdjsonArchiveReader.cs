using System.Text;
using System.Text.Json;
using UsageTracking.Files.Import;
using UsageTracking.Stores;

namespace UsageTracking.Files.Archives;

/// <summary>Reads what <see cref="NdjsonArchiveWriter"/> writes.</summary>
internal static class NdjsonArchiveReader
{
    public static IEnumerable<ArchivedRecord> Read(Stream stream)
    {
        var lines = new Lines(stream);
        while (lines.Read())
            yield return RecordAt(lines);
    }

    private static ArchivedRecord RecordAt(Lines lines)
    {
        try
        {
            var reader = new Utf8JsonReader(lines.Current);
            using JsonDocument line = JsonDocument.ParseValue(ref reader);
            // Whatever follows is an error.
            if (reader.Read())
                throw new DamagedLineException(lines.Number);

            JsonElement row = line.RootElement;
            return new ArchivedRecord
            {
                Id = row.GetProperty("usage_id"u8).GetInt64(),
                CustomerId = row.GetProperty("customer_id"u8).GetString() ?? throw new FormatException(),
                Service = row.GetProperty("service_name"u8).GetString() ?? throw new FormatException(),
                Quantity = row.GetProperty("quantity"u8).GetDecimal(),
                UnitCost = row.GetProperty("unit_cost"u8) is { ValueKind: not JsonValueKind.Null } unitCost ? unitCost.GetDecimal() : null,
                Metadata = Metadata(row.GetProperty("metadata"u8)),
                RecordedAt = Time(row.GetProperty("recorded_at"u8)),
                InvoiceId = row.GetProperty("invoice_id"u8).GetString(),
                ReceivedAt = Time(row.GetProperty("received_at"u8)),
                EventKey = row.GetProperty("event_key"u8).GetString(),
                CorrectsId = row.GetProperty("corrects_id"u8) is { ValueKind: not JsonValueKind.Null } corrects ? corrects.GetInt64() : null,
                CorrectedBy = row.GetProperty("corrected_by"u8).GetString(),
                CorrectionReason = row.GetProperty("correction_reason"u8).GetString(),
            };
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new DamagedLineException(lines.Number, error);
        }
    }

    private static byte[]? Metadata(JsonElement metadata) => metadata.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => Encoding.UTF8.GetBytes(metadata.GetString()!),
        _ => Encoding.UTF8.GetBytes(metadata.GetRawText()),
    };

    private static DateTimeOffset Time(JsonElement time) => ArchiveTime.Parse(Encoding.UTF8.GetBytes(time.GetString() ?? ""));
}
