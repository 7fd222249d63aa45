using System.Buffers;
using System.Text.Json;
using UsageTracking.Files.Export;
using UsageTracking.Stores;

namespace UsageTracking.Files.Archives;

/// <summary>Writes an archive as newline-delimited JSON.</summary>
internal sealed class NdjsonArchiveWriter : IArchiveWriter
{
    private const int FlushSize = 64 * 1024;

    private readonly Stream _stream;
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * FlushSize);
    private readonly Utf8JsonWriter _json;

    public NdjsonArchiveWriter(Stream stream)
    {
        _stream = stream;
        _json = new Utf8JsonWriter(_buffer, RecordJson.Options);
    }

    public void Write(ArchivedRecord record)
    {
        Span<byte> time = stackalloc byte[ExportClock.Longest];
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteNumber("usage_id"u8, record.Id);
        _json.WriteString("customer_id"u8, record.CustomerId);
        _json.WriteString("service_name"u8, record.Service);
        _json.WriteNumber("quantity"u8, record.Quantity);
        if (record.UnitCost is { } unitCost)
            _json.WriteNumber("unit_cost"u8, unitCost);
        else
            _json.WriteNull("unit_cost"u8);

        WriteMetadata(record.Metadata);
        _json.WriteString("recorded_at"u8, ArchiveColumns.Clock.Format(record.RecordedAt, time));
        _json.WriteBoolean("aggregated"u8, true);
        _json.WriteString("invoice_id"u8, record.InvoiceId);
        _json.WriteString("received_at"u8, ArchiveColumns.Clock.Format(record.ReceivedAt, time));
        _json.WriteString("event_key"u8, record.EventKey);
        if (record.CorrectsId is { } corrects)
            _json.WriteNumber("corrects_id"u8, corrects);
        else
            _json.WriteNull("corrects_id"u8);

        _json.WriteString("corrected_by"u8, record.CorrectedBy);
        _json.WriteString("correction_reason"u8, record.CorrectionReason);
        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
        if (_buffer.WrittenCount >= FlushSize)
            Flush();
    }

    public void Finish() => Flush();

    public void Dispose() => _json.Dispose();

    // An object stays one. Whatever else a program wrote into the column is a string here, so that it comes back as it was.
    private void WriteMetadata(byte[]? metadata)
    {
        _json.WritePropertyName("metadata"u8);
        if (metadata is null)
            _json.WriteNullValue();
        else if (IsObjectInALine(metadata))
            _json.WriteRawValue(metadata, skipInputValidation: true);
        else
            _json.WriteStringValue(metadata);
    }

    private static bool IsObjectInALine(ReadOnlySpan<byte> metadata)
    {
        if (metadata.IsEmpty || metadata[0] != '{' || metadata.ContainsAnyInRange((byte)0, (byte)31))
            return false;

        try
        {
            var reader = new Utf8JsonReader(metadata);
            return reader.Read() && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Flush()
    {
        _stream.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}
