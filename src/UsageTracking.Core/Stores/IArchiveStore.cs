namespace UsageTracking.Stores;

/// <summary>Lets records leave for archives and come back; their figures stay, in buckets of the archive's own part.</summary>
public interface IArchiveStore
{
    /// <summary>What an archive would take.</summary>
    Task<ArchivePlan> PlanArchiveAsync(ArchiveScope scope, CancellationToken cancel);

    /// <summary>Takes down which records there are to archive. They stay until <see cref="IArchiveRun.CompleteAsync"/>.</summary>
    /// <exception cref="UsageException"><c>RecordsHidden</c>: policies hide some from this role.</exception>
    Task<IArchiveRun> BeginArchiveAsync(ArchiveScope scope, CancellationToken cancel);

    /// <summary>An archive of this store; null where it has none with this id. Waits for one that is just being completed.</summary>
    Task<StoredArchive?> FindArchiveAsync(Guid id, CancellationToken cancel);

    /// <summary>All archives, newest first.</summary>
    Task<IReadOnlyList<StoredArchive>> GetArchivesAsync(CancellationToken cancel);

    /// <summary>
    /// Puts the records of an archive back, once, in one transaction: their figures are live again. Those of customers that
    /// were removed since stay away.
    /// </summary>
    /// <param name="archive">The archive, as it is entered.</param>
    /// <param name="records">Its records; they may be read more than once.</param>
    /// <param name="cancel">Cancels it; then nothing is changed.</param>
    /// <returns>How many records came back.</returns>
    /// <exception cref="UsageException"><c>ArchiveRestored</c>, or <c>ArchiveDamaged</c>: there are more or fewer records than were archived.</exception>
    Task<long> RestoreArchiveAsync(StoredArchive archive, IEnumerable<ArchivedRecord> records, CancellationToken cancel);
}
