using System.Buffers;
using System.Text.Json;
using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Files.Export;

/// <summary>Writes one JSON document: whose records and of when, the records, one a line, and what they add up to.</summary>
internal sealed class JsonRecordWriter : IRecordWriter
{
    private const int FlushSize = 64 * 1024;

    private readonly Utf8JsonWriter _document;
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly RecordJson _json;
    private readonly ExportTotals _totals;

    public JsonRecordWriter(Stream stream, ExportRequest request)
    {
        _json = new RecordJson(ExportClock.Iso(request.Zone), hasCustomer: request.Full || !request.IsOfOneCustomer, hasKeys: request.Full, _buffer);
        _totals = new ExportTotals(request.ServiceOrder);
        _document = new Utf8JsonWriter(stream, RecordJson.Options with { Indented = true });
        WriteHead(request);
    }

    public void Write(StoredRecord record, long total)
    {
        _totals.Add(record);
        _buffer.ResetWrittenCount();
        // What is raw the document does not indent.
        _buffer.Write("\n    "u8);
        _json.Append(record);
        _document.WriteRawValue(_buffer.WrittenSpan, skipInputValidation: true);
        if (_document.BytesPending >= FlushSize)
            _document.Flush();
    }

    public void Finish()
    {
        Figures all = _totals.All;
        _document.WriteEndArray();
        _document.WriteStartObject("summary");
        _document.WriteNumber("total_events", all.Events);
        _document.WriteNumber("total_cost", all.Cost.ToReported());
        WriteList("services", _totals.Services);
        _document.WriteEndObject();
        _document.WriteEndObject();
        _document.Flush();
    }

    public void Dispose()
    {
        _json.Dispose();
        _document.Dispose();
    }

    private void WriteHead(ExportRequest request)
    {
        _document.WriteStartObject();
        if (request.Filter.CustomerIds is [var customer])
            _document.WriteString("customer_id", customer);
        else if (request.Filter.CustomerIds is { } customers)
            WriteList("customer_id", customers);
        else
            _document.WriteString("customer_id", "*");

        var now = new DateTimeOffset(request.Now.UtcTicks - (request.Now.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        _document.WriteString("export_date", ExportClock.Iso(request.Zone).Format(now));
        var period = ExportPeriod.Of(request.Range, request.Zone);
        _document.WriteStartObject("period");
        _document.WriteString("start", period.Start);
        _document.WriteString("end", period.End);
        _document.WriteEndObject();
        _document.WriteStartArray("usage_records");
    }

    private void WriteList(string name, IEnumerable<string> values)
    {
        _document.WriteStartArray(name);
        foreach (string value in values)
            _document.WriteStringValue(value);
        _document.WriteEndArray();
    }
}
