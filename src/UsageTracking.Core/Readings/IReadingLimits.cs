using UsageTracking.Metering;

namespace UsageTracking.Readings;

/// <summary>More that may be used, as somebody recorded it.</summary>
/// <param name="At">From when on.</param>
/// <param name="Amount">How much, in the service's unit.</param>
public sealed record ManualAllowance(DateTimeOffset At, decimal Amount);

/// <summary>A period of a quota, as far as readings of what is left need it.</summary>
/// <param name="Start">Its first instant.</param>
/// <param name="End">The first instant after it.</param>
/// <param name="Limit">What may be used in it, with what was carried over but without any allowance.</param>
public sealed record ReadingPeriod(DateTimeOffset Start, DateTimeOffset End, decimal Limit)
{
    /// <summary>The allowances recorded by hand that are dated in it.</summary>
    public IReadOnlyList<ManualAllowance> Allowances { get; init; } = [];
}

/// <summary>Knows the periods and limits that readings of what is left are measured against.</summary>
public interface IReadingLimits
{
    /// <summary>The period of an instant; null where no quota is in force then.</summary>
    Task<ReadingPeriod?> FindAsync(string customerId, Service service, DateTimeOffset instant, CancellationToken cancel);
}
