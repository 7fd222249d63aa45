using CsvHelper;
using UsageTracking.Files.Export;
using UsageTracking.Stores;

namespace UsageTracking.Files.Archives;

/// <summary>Writes an archive as CSV. A null is an empty field; <see cref="CsvText"/> keeps empty texts apart from it.</summary>
internal sealed class CsvArchiveWriter : IArchiveWriter
{
    private readonly CsvWriter _csv;

    public CsvArchiveWriter(Stream stream)
    {
        _csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n", BufferSize = 64 * 1024 }, leaveOpen: true);
        _csv.WriteHeader(ArchiveColumns.Names);
    }

    public void Write(ArchivedRecord record)
    {
        Span<byte> time = stackalloc byte[ExportClock.Longest];
        _csv.WriteField(record.Id, "");
        _csv.WriteField(record.CustomerId);
        _csv.WriteField(record.Service);
        _csv.WriteField(record.Quantity, "");
        _csv.WriteField(record.UnitCost, "");
        _csv.WriteField(record.Metadata);
        _csv.WriteField(ArchiveColumns.Clock.Format(record.RecordedAt, time));
        _csv.WriteField("true");
        _csv.WriteField(CsvText.Escape(record.InvoiceId));
        _csv.WriteField(ArchiveColumns.Clock.Format(record.ReceivedAt, time));
        _csv.WriteField(CsvText.Escape(record.EventKey));
        _csv.WriteField(record.CorrectsId, "");
        _csv.WriteField(CsvText.Escape(record.CorrectedBy));
        _csv.WriteField(CsvText.Escape(record.CorrectionReason));
        _csv.EndRecord();
    }

    public void Finish() => _csv.Flush();

    public void Dispose() => _csv.Dispose();
}
