namespace UsageTracking.Stores;

/// <summary>One archive in the making. Its records are those of one instant; what arrives later is none of them.</summary>
public interface IArchiveRun : IAsyncDisposable
{
    /// <summary>How many records there are.</summary>
    long Records { get; }

    /// <summary>Whether <see cref="CompleteAsync"/> got so far that an error does not tell whether it succeeded.</summary>
    bool MayBeCompleted { get; }

    /// <summary>The records, oldest first, to be read once and to the end.</summary>
    IAsyncEnumerable<IReadOnlyList<ArchivedRecord>> ReadAsync(CancellationToken cancel);

    /// <summary>Deletes exactly these records, moves their figures and enters the archive, in one transaction.</summary>
    /// <param name="archive">The archive, without a number yet.</param>
    /// <param name="cancel">Cancels it; then nothing is changed.</param>
    /// <returns>The archive as it is entered.</returns>
    /// <exception cref="UsageException"><c>ArchiveOvertaken</c>: some of the records were changed or deleted since.</exception>
    Task<StoredArchive> CompleteAsync(StoredArchive archive, CancellationToken cancel);
}
