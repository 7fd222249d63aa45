namespace UsageTracking.Stores;

/// <summary>One write transaction of a copy. What is not committed is not there.</summary>
public interface ICopyTarget : IAsyncDisposable
{
    /// <summary>Deletes the rows of a table that belong to the copy.</summary>
    /// <param name="table">The table.</param>
    /// <param name="group">Which rows; null for all.</param>
    /// <param name="cancel">Cancels the statement.</param>
    Task ClearAsync(CopyTable table, CopyGroup? group, CancellationToken cancel);

    /// <summary>Adds rows.</summary>
    Task AddAsync(CopyTable table, IReadOnlyList<string?[]> rows, CancellationToken cancel);

    /// <summary>Notes how far the copy has got.</summary>
    /// <exception cref="UsageException"><c>CopyOvertaken</c>: somebody else went on with it.</exception>
    Task AdvanceAsync(IReadOnlyList<string?> from, IReadOnlyList<string?> to, CancellationToken cancel);

    /// <summary>Commits.</summary>
    Task CommitAsync(CancellationToken cancel);
}
