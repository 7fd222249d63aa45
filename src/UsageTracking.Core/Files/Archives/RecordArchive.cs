using System.IO.Compression;
using UsageTracking.Files.Export;
using UsageTracking.Stores;

namespace UsageTracking.Files.Archives;

/// <summary>
/// Moves records from a store to a file. The file and its manifest are complete, on the disk and read back before the first
/// record leaves; the manifest says whether they have left.
/// </summary>
public static class RecordArchive
{
    private const int BufferSize = 256 * 1024;
    private const int PagesAhead = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Archives what there is.</summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">What is archived.</param>
    /// <param name="path">The full path of the file, which must not exist.</param>
    /// <param name="progress">Is told how far it has got.</param>
    /// <param name="cancel">Ends it; then the store is as it was, and there is no file.</param>
    /// <returns>The archive; null where there was nothing to archive.</returns>
    /// <exception cref="UsageException">
    /// The store's own, those of <see cref="AtomicFile"/>, <c>ArchiveDamaged</c> where the file could not be read back,
    /// or <c>ArchiveUnconfirmed</c>: the store went away in the moment of the commit, and the file stays until it can be asked.
    /// </exception>
    public static async Task<StoredArchive?> WriteAsync(
        IUsageStore store, ArchiveScope scope, string path, ArchiveProgress progress, CancellationToken cancel)
    {
        Check(path);
        StoreState state = await store.GetStateAsync(cancel);
        progress.Begin("Looking for records");
        // Those of other programs take part once they are in the buckets.
        await store.UpdateSummaryAsync(scope.Filter, null, cancel);
        await using IArchiveRun run = await store.BeginArchiveAsync(scope, cancel);
        if (run.Records == 0)
            return null;

        var files = new ArchiveFiles(path);
        try
        {
            ArchiveManifest manifest = await PrepareAsync(run, scope, state.StoreId!.Value, files, progress, cancel);
            ProtocolStep.Pass("archive placed");
            progress.Begin("Removing the records from the store");
            StoredArchive entered = await CompleteAsync(store, run, manifest.Archive, cancel);
            files.Keep();
            files.TryReplace(manifest with { Archive = entered });
            return entered;
        }
        catch (UsageException error) when (error.ErrorId == "ArchiveUnconfirmed")
        {
            files.Keep();
            throw;
        }
        finally
        {
            files.RemoveUnlessKept();
        }
    }

    /// <summary>Refuses a path that cannot be one of a new archive.</summary>
    /// <exception cref="UsageException"><c>UnknownFormat</c>, <c>FileExists</c>, <c>FolderNotFound</c>, <c>NotAFile</c>.</exception>
    public static void Check(string path)
    {
        _ = ArchivePath.FormatOf(path);
        AtomicFile.Check(path, overwrite: true);
        if (File.Exists(path))
            throw ArchiveFiles.Exists(path, null);
    }

    private static async Task<ArchiveManifest> PrepareAsync(
        IArchiveRun run, ArchiveScope scope, Guid storeId, ArchiveFiles files, ArchiveProgress progress, CancellationToken cancel)
    {
        var totals = new ArchiveTotals();
        string sha256 = await files.WriteAsync(stream => WriteAsync(run, files.Path, stream, totals, progress, cancel));
        if (totals.Records != run.Records)
        {
            throw new UsageException(UsageErrorKind.StoreUnavailable, "RecordsMissing",
                $"The store counted {Wording.Count(run.Records, "record")} but gave {totals.Records}. Try again; if it stays so, the database is damaged.");
        }

        ProtocolStep.Pass("archive written");
        try
        {
            await ArchiveCheck.HashAsync(files.Temporary, sha256, progress, cancel);
            ArchiveCheck.Count(files.Temporary, totals, totals.Records, progress, cancel);
        }
        catch (UsageException error)
        {
            throw files.NotWritten("it does not read back as it was written. Is the disk sound?", error);
        }

        var manifest = new ArchiveManifest
        {
            Archive = new StoredArchive
            {
                Id = Guid.NewGuid(),
                Path = files.Path,
                CustomerIds = totals.CustomerIds,
                Records = totals.Records,
                Start = totals.First!.Value,
                End = scope.Before,
                Sha256 = sha256,
            },
            StoreId = storeId,
            Bytes = new FileInfo(files.Temporary).Length,
            Totals = totals,
        };
        files.Place(manifest);
        return manifest;
    }

    private static async Task WriteAsync(
        IArchiveRun run, string path, Stream stream, ArchiveTotals totals, ArchiveProgress progress, CancellationToken cancel)
    {
        progress.Begin("Writing the file", run.Records);
        await using Stream packed = ArchivePath.IsPacked(path) ? new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true) : stream;
        await using var buffered = new BufferedStream(packed, BufferSize);
        using IArchiveWriter writer = ArchivePath.FormatOf(path) == ArchiveFormat.Csv ? new CsvArchiveWriter(buffered) : new NdjsonArchiveWriter(buffered);
        await foreach (IReadOnlyList<ArchivedRecord> page in run.ReadAsync(cancel).Ahead(PagesAhead, cancel))
        {
            foreach (ArchivedRecord record in page)
            {
                cancel.ThrowIfCancellationRequested();
                writer.Write(record);
                totals.Add(record);
            }

            progress.Add(page.Count);
        }

        writer.Finish();
        await buffered.FlushAsync(cancel);
    }

    /// <summary>Where an error leaves open whether the records have left, the store is asked until it says so.</summary>
    private static async Task<StoredArchive> CompleteAsync(IUsageStore store, IArchiveRun run, StoredArchive archive, CancellationToken cancel)
    {
        try
        {
            return await run.CompleteAsync(archive, cancel);
        }
        catch (Exception error) when (run.MayBeCompleted)
        {
            if (await FindAsync(store, archive, error) is { } entered)
                return entered;

            throw;
        }
    }

    private static async Task<StoredArchive?> FindAsync(IUsageStore store, StoredArchive archive, Exception cause)
    {
        // A user who gives up is served by the answer too, and it does not take long.
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                return await store.FindArchiveAsync(archive.Id, patience.Token);
            }
            catch (UsageException) when (!patience.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), CancellationToken.None);
            }
            catch (Exception error) when (error is UsageException or OperationCanceledException)
            {
                throw new UsageException(UsageErrorKind.StoreUnavailable, "ArchiveUnconfirmed",
                    $"The store went away just when the records were to leave it, so it is not known whether they did. '{archive.Path}' is complete and stays; when the store is back, Test-UsageArchive tells.",
                    archive.Path, cause);
            }
        }
    }
}
