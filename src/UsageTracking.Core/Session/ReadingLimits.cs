using UsageTracking.Metering;
using UsageTracking.Readings;

namespace UsageTracking.Session;

/// <summary>What readings of what is left are measured against: the customer's quotas.</summary>
public sealed class ReadingLimits : IReadingLimits
{
    /// <inheritdoc/>
    public Task<ReadingPeriod?> FindAsync(string customerId, Service service, DateTimeOffset instant, CancellationToken cancel) =>
        Task.FromResult<ReadingPeriod?>(null);
}
