using CsvHelper;
using UsageTracking.Metering;

namespace UsageTracking.Files.Export;

/// <summary>Writes records as CSV: one header, and a record a line but for line breaks in its metadata.</summary>
internal sealed class CsvRecordWriter : IRecordWriter
{
    /// <summary>The columns of every export.</summary>
    internal static readonly string[] Columns = ["timestamp", "service", "quantity", "unit_cost", "total_cost", "metadata"];

    /// <summary>The further columns of a full one.</summary>
    internal static readonly string[] FullColumns = ["customer_id", "event_key", "id"];

    private readonly CsvWriter _csv;
    private readonly ExportClock _clock;
    private readonly bool _full;

    public CsvRecordWriter(Stream stream, ExportRequest request)
    {
        _clock = ExportClock.Plain(request.Zone);
        _full = request.Full;
        // What looks like a formula stays as it is: the file is to come back to the same records.
        _csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n", BufferSize = 64 * 1024 }, leaveOpen: true);
        _csv.WriteHeader(_full ? [.. Columns, .. FullColumns] : Columns);
    }

    public void Write(StoredRecord record, long total)
    {
        Span<byte> time = stackalloc byte[ExportClock.Longest];
        _csv.WriteField(_clock.Format(record.Timestamp, time));
        _csv.WriteField(record.Service);
        _csv.WriteField(record.Quantity, "");
        _csv.WriteField(record.UnitCost, "");
        _csv.WriteField(record.TotalCost, "");
        _csv.WriteField(record.Metadata.Utf8.Span);
        if (_full)
        {
            _csv.WriteField(record.CustomerId);
            _csv.WriteField(record.EventKey);
            _csv.WriteField(record.Id, "");
        }

        _csv.EndRecord();
    }

    public void Finish() => _csv.Flush();

    public void Dispose() => _csv.Dispose();
}
