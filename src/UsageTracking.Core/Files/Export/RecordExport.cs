using UsageTracking.Files.Export.Xlsx;
using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Files.Export;

/// <summary>Exports records from a store to a file, whole or not at all.</summary>
public static class RecordExport
{
    private const int PagesAhead = 4;

    /// <summary>Writes the file.</summary>
    /// <param name="store">The store.</param>
    /// <param name="request">What is exported.</param>
    /// <param name="path">The full path of the file.</param>
    /// <param name="overwrite">Whether a file that is there may be replaced.</param>
    /// <param name="progress">Is told how far the export has got.</param>
    /// <param name="cancel">Ends it; then there is no file.</param>
    /// <exception cref="UsageException">The store's own, those of <see cref="AtomicFile"/>, or <c>RecordsMissing</c>.</exception>
    public static Task<FileInfo> WriteAsync(
        IUsageStore store, ExportRequest request, string path, bool overwrite, ExportProgress progress, CancellationToken cancel) =>
        AtomicFile.WriteAsync(path, overwrite, stream => WriteAsync(store.ReadPagesAsync(request.Filter, request.Range, cancel), request, stream, progress, cancel));

    /// <summary>Writes pages of records to a stream, in the format asked for.</summary>
    internal static async Task WriteAsync(
        IAsyncEnumerable<RecordPage> pages, ExportRequest request, Stream stream, ExportProgress progress, CancellationToken cancel)
    {
        using IRecordWriter writer = WriterFor(request, stream);
        await foreach (RecordPage page in pages.Ahead(PagesAhead, cancel))
        {
            progress.Start();
            foreach (StoredRecord record in page.Records)
            {
                cancel.ThrowIfCancellationRequested();
                writer.Write(record, page.Total);
            }

            progress.Add(page.Records.Count, page.Total);
        }

        if (progress.Done != progress.Total)
        {
            throw new UsageException(UsageErrorKind.StoreUnavailable, "RecordsMissing",
                $"The store counted {Wording.Count(progress.Total, "record")} but gave {progress.Done}. Try again; if it stays so, the database is damaged.");
        }

        writer.Finish();
        progress.Warning = writer.Warning;
        await stream.FlushAsync(cancel);
    }

    private static IRecordWriter WriterFor(ExportRequest request, Stream stream) => request.Format switch
    {
        ExportFormat.Csv => new CsvRecordWriter(stream, request),
        ExportFormat.Json => new JsonRecordWriter(stream, request),
        ExportFormat.Ndjson => new NdjsonRecordWriter(stream, request),
        _ => new XlsxRecordWriter(stream, request),
    };
}
