namespace UsageTracking.Stores;

/// <summary>One snapshot of all tables of a store.</summary>
public interface ICopySource : IAsyncDisposable
{
    /// <summary>What there is to copy.</summary>
    Task<CopySummary> SummarizeAsync(CancellationToken cancel);

    /// <summary>Reads a table page by page: those that are copied in pages in key order.</summary>
    /// <param name="table">The table.</param>
    /// <param name="after">The key, by <see cref="KeyOf"/>, of the last row that is not wanted; empty for none.</param>
    /// <param name="group">Which rows; null for all.</param>
    /// <param name="cancel">Cancels the query.</param>
    IAsyncEnumerable<IReadOnlyList<string?[]>> ReadAsync(CopyTable table, IReadOnlyList<string?> after, CopyGroup? group, CancellationToken cancel);

    /// <summary>The key of a row, as this engine orders the table.</summary>
    IReadOnlyList<string?> KeyOf(CopyTable table, string?[] row);

    /// <summary>By table: the last number that was given.</summary>
    Task<IReadOnlyDictionary<CopyTable, long>> ReadNumbersAsync(CancellationToken cancel);
}

/// <summary>What there is to copy.</summary>
/// <param name="Records">How many records.</param>
/// <param name="Customers">How many customers.</param>
/// <param name="Months">In how many months, by UTC, there are records.</param>
/// <param name="Timeless">How many records have no time, as those of other programs may; no new store keeps them.</param>
public sealed record CopySummary(long Records, long Customers, long Months, long Timeless);
