using UsageTracking.Stores;

namespace UsageTracking.Files.Archives;

/// <summary>Brings the records of an archive back into their store.</summary>
public static class ArchiveRestore
{
    /// <summary>The archive of a store that a file is; the manifest says it, or where that is gone the file's content.</summary>
    /// <exception cref="UsageException"><c>FileNotFound</c>, <c>FileNotRead</c>, <c>ArchiveDamaged</c> of the manifest, or <c>ArchiveUnknown</c>.</exception>
    public static async Task<StoredArchive> FindAsync(IUsageStore store, string path, ArchiveProgress progress, CancellationToken cancel)
    {
        StoredArchive? archive;
        if (File.Exists(ArchivePath.ManifestOf(path)) || !File.Exists(path))
        {
            archive = await store.FindArchiveAsync(ArchiveManifest.Read(path).Archive.Id, cancel);
        }
        else
        {
            string sha256 = await ArchiveCheck.HashAsync(path, progress, cancel);
            archive = (await store.GetArchivesAsync(cancel)).FirstOrDefault(a => a.Sha256 == sha256);
        }

        return archive is null
            ? throw new UsageException(UsageErrorKind.NotFound, "ArchiveUnknown",
                $"The store {store.Address} has no archive '{path}'. Its records are in the store it was made from, or it was cut off and they never left.", path)
            : archive with { Path = path };
    }

    /// <summary>Checks the file against what the store knows of it, then restores every record, once.</summary>
    /// <returns>How many records came back: all but those of customers that were removed since.</returns>
    /// <exception cref="UsageException">What <see cref="ArchiveCheck"/> and <see cref="IArchiveStore.RestoreArchiveAsync"/> find.</exception>
    public static async Task<long> RunAsync(IUsageStore store, StoredArchive archive, ArchiveProgress progress, CancellationToken cancel)
    {
        await ArchiveCheck.HashAsync(archive.Path, archive.Sha256, progress, cancel);
        return await store.RestoreArchiveAsync(archive, Records(), cancel);

        IEnumerable<ArchivedRecord> Records()
        {
            progress.Begin("Restoring", archive.Records);
            foreach (ArchivedRecord record in ArchiveReader.Read(archive.Path, cancel))
            {
                progress.Add(1);
                yield return record;
            }
        }
    }
}
