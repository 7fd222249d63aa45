using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using UsageTracking.Metering;

namespace UsageTracking.Files.Export;

/// <summary>Makes one JSON object of a record.</summary>
internal sealed class RecordJson : IDisposable
{
    /// <summary>Text stays readable: only what JSON itself forbids is escaped.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly JsonEncodedText Timestamp = JsonEncodedText.Encode("timestamp");
    private static readonly JsonEncodedText Service = JsonEncodedText.Encode("service");
    private static readonly JsonEncodedText Quantity = JsonEncodedText.Encode("quantity");
    private static readonly JsonEncodedText UnitCost = JsonEncodedText.Encode("unit_cost");
    private static readonly JsonEncodedText TotalCost = JsonEncodedText.Encode("total_cost");
    private static readonly JsonEncodedText MetadataName = JsonEncodedText.Encode("metadata");
    private static readonly JsonEncodedText CustomerId = JsonEncodedText.Encode("customer_id");
    private static readonly JsonEncodedText EventKey = JsonEncodedText.Encode("event_key");
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");

    private readonly ExportClock _clock;
    private readonly bool _hasCustomer;
    private readonly bool _hasKeys;
    private readonly ArrayBufferWriter<byte> _buffer;
    private readonly Utf8JsonWriter _writer;

    public RecordJson(ExportClock clock, bool hasCustomer, bool hasKeys, ArrayBufferWriter<byte> buffer)
    {
        (_clock, _hasCustomer, _hasKeys, _buffer) = (clock, hasCustomer, hasKeys, buffer);
        _writer = new Utf8JsonWriter(_buffer, Options);
    }

    /// <summary>Appends the object to the buffer.</summary>
    public void Append(StoredRecord record)
    {
        Span<byte> time = stackalloc byte[ExportClock.Longest];
        _writer.Reset();
        _writer.WriteStartObject();
        _writer.WriteString(Timestamp, _clock.Format(record.Timestamp, time));
        _writer.WriteString(Service, record.Service);
        _writer.WriteNumber(Quantity, record.Quantity);
        _writer.WriteNumber(UnitCost, record.UnitCost);
        _writer.WriteNumber(TotalCost, record.TotalCost);
        _writer.WritePropertyName(MetadataName);
        _writer.WriteRawValue(record.Metadata.Utf8.Span, skipInputValidation: true);
        if (_hasCustomer)
            _writer.WriteString(CustomerId, record.CustomerId);

        if (_hasKeys)
        {
            _writer.WriteString(EventKey, record.EventKey);
            _writer.WriteNumber(Id, record.Id);
        }

        _writer.WriteEndObject();
        _writer.Flush();
    }

    public void Dispose() => _writer.Dispose();
}
