using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Quotas;

/// <summary>What an alert is raised for.</summary>
public enum AlertRule
{
    /// <summary>Usage reached a share of the limit.</summary>
    Threshold,

    /// <summary>Usage goes so fast that the limit will not last.</summary>
    BurnRate,
}

/// <summary>A quota that got near its limit, or past it.</summary>
public sealed record UsageAlert
{
    internal UsageAlert(StoredAlert stored)
    {
        TimeZoneInfo zone = Zones.Find(stored.TimeZone);
        Stored = stored;
        Time = TimeZoneInfo.ConvertTime(stored.RaisedAt, zone);
        Level = Enum.Parse<QuotaLevel>(stored.Level);
        Rule = Enum.Parse<AlertRule>(stored.Rule);
        PeriodStart = TimeZoneInfo.ConvertTime(stored.PeriodStart, zone);
        PeriodEnd = TimeZoneInfo.ConvertTime(stored.PeriodEnd, zone);
        DeliveredAt = stored.DeliveredAt is { } time ? TimeZoneInfo.ConvertTime(time, zone) : null;
    }

    /// <summary>When it was raised, by the clocks of the quota's zone.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The customer.</summary>
    public string CustomerId => Stored.CustomerId;

    /// <summary>The service.</summary>
    public string Service => Stored.Service;

    /// <summary>Warning, Critical or Exceeded.</summary>
    public QuotaLevel Level { get; }

    /// <summary>What was used, in <see cref="Unit"/>.</summary>
    public decimal Usage => Stored.Usage;

    /// <summary>The limit then, in <see cref="Unit"/>.</summary>
    public decimal Limit => Stored.Limit;

    /// <summary>Usage in percent of the limit, not rounded; null of a limit of 0.</summary>
    public decimal? Percent => Stored.Percent;

    /// <summary>The unit of both.</summary>
    public string Unit => Stored.Unit;

    /// <summary>One line that says it all.</summary>
    public string Message => Stored.Message;

    /// <summary>What it was raised for.</summary>
    public AlertRule Rule { get; }

    /// <summary>The first instant of the quota's period.</summary>
    public DateTimeOffset PeriodStart { get; }

    /// <summary>The first instant after it.</summary>
    public DateTimeOffset PeriodEnd { get; }

    /// <summary>When it was handed over; null while its action has not succeeded.</summary>
    public DateTimeOffset? DeliveredAt { get; }

    internal StoredAlert Stored { get; }

    /// <summary>Whether two objects are about the same alert.</summary>
    public bool IsSameAs(UsageAlert other) => Stored.Key == other.Stored.Key;

    /// <summary>The line of the original's log of alerts.</summary>
    public string ToLogLine() => AlertTexts.LogLine(this);
}
