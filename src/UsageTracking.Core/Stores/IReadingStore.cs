using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>The readings of a customer's meters of one service.</summary>
/// <param name="Revision">How often they were changed; what was worked out from them may be written as long as it is the same.</param>
/// <param name="Readings">The readings, by time and meter.</param>
public sealed record ReadingHistory(long Revision, IReadOnlyList<StoredReading> Readings);

/// <summary>By how much a reading raised what may be used.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Service">The service.</param>
/// <param name="ReadAt">When the meter was read.</param>
/// <param name="Amount">How much, above zero, in the service's unit.</param>
public sealed record ReadingAllowance(string CustomerId, string Service, DateTimeOffset ReadAt, decimal Amount);

/// <summary>A reading, and whose it is.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Service">The service.</param>
/// <param name="Reading">The reading.</param>
public sealed record FoundReading(string CustomerId, string Service, StoredReading Reading);

/// <summary>The part of a store that keeps what meters said, and the records of the usage that follows from it.</summary>
public interface IReadingStore
{
    /// <summary>The readings from an instant on, and before them the last one of each meter.</summary>
    Task<ReadingHistory> GetReadingsAsync(string customerId, string service, DateTimeOffset since, CancellationToken cancel);

    /// <summary>The readings of a range, in no order.</summary>
    Task<IReadOnlyList<FoundReading>> FindReadingsAsync(UsageFilter filter, TimeRange range, CancellationToken cancel);

    /// <summary>The readings that raised what may be used, by customer, service and time.</summary>
    Task<IReadOnlyList<ReadingAllowance>> GetReadingAllowancesAsync(UsageFilter filter, CancellationToken cancel);

    /// <summary>
    /// Stores or removes readings, and what follows from them, in one transaction: where the usage of a reading is another than before,
    /// its record is taken back by a correction and a new one is added.
    /// </summary>
    /// <exception cref="UsageException">
    /// <c>ReadingsChanged</c> (a conflict): the revision is another one by now, and nothing was stored; <c>UnknownCustomer</c>.
    /// </exception>
    Task WriteReadingsAsync(ReadingChange change, CancellationToken cancel);
}
