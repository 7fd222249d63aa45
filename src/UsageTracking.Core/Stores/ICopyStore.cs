namespace UsageTracking.Stores;

/// <summary>Lets a whole store be copied into another one, of whatever engine.</summary>
public interface ICopyStore
{
    /// <summary>Opens one snapshot of all tables.</summary>
    /// <exception cref="UsageException"><c>RecordsHidden</c>: policies hide some records from this role.</exception>
    Task<ICopySource> OpenCopySourceAsync(CancellationToken cancel);

    /// <summary>
    /// Makes this store the unfinished copy of another one: from now on it is refused to everybody else. It has to be empty, or
    /// to be that already.
    /// </summary>
    /// <returns>How far the copy has got: a table's name and a key, or nothing.</returns>
    /// <exception cref="UsageException"><c>StoreNotEmpty</c>, or <c>CopyOfOther</c>.</exception>
    Task<IReadOnlyList<string?>> BeginCopyAsync(Guid from, CancellationToken cancel);

    /// <summary>Opens one write transaction of the copy.</summary>
    Task<ICopyTarget> OpenCopyTargetAsync(CancellationToken cancel);

    /// <summary>Makes the copy a store like any other, which numbers on after these.</summary>
    /// <param name="numbers">By table: the last number that was given.</param>
    /// <param name="cancel">Cancels it; then it is still unfinished.</param>
    Task CompleteCopyAsync(IReadOnlyDictionary<CopyTable, long> numbers, CancellationToken cancel);
}
