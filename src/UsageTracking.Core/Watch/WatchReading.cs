using UsageTracking.Metering;
using UsageTracking.Quotas;

namespace UsageTracking.Watch;

/// <summary>Events and their quantity.</summary>
internal readonly record struct Amount(long Events, ExactDecimal Quantity)
{
    public static Amount operator +(Amount a, Amount b) => new(a.Events + b.Events, a.Quantity + b.Quantity);

    public static Amount operator -(Amount a, Amount b) => new(a.Events - b.Events, a.Quantity - b.Quantity);
}

/// <summary>What a store said of one customer's service.</summary>
internal sealed record WatchedUsage(string CustomerId, Service Service)
{
    /// <summary>All from the day on that was today at the reading before.</summary>
    public Amount SinceLastDay { get; init; }

    /// <summary>All from today on.</summary>
    public Amount SinceToday { get; init; }

    public ExactDecimal Today { get; init; }

    public ExactDecimal Month { get; init; }

    public IReadOnlyList<decimal> Course { get; init; } = [];

    public QuotaStanding? Quota { get; init; }
}

/// <summary>What a store said at one time.</summary>
/// <param name="Time">The time, by the clocks of the zone.</param>
/// <param name="Clock">The same by a clock that nobody sets.</param>
/// <param name="Today">The first instant of the day.</param>
/// <param name="Usage">By customer and in catalogue order.</param>
internal sealed record WatchReading(DateTimeOffset Time, TimeSpan Clock, DateTimeOffset Today, IReadOnlyList<WatchedUsage> Usage);
