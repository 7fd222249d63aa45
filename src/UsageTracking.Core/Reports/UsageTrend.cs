namespace UsageTracking.Reports;

/// <summary>What a customer used of one service on one day, beside the day before.</summary>
public sealed record UsageTrend
{
    /// <summary>The local day.</summary>
    public required DateTime Date { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>The day's usage, in <see cref="Unit"/>; zero where there was none.</summary>
    public required decimal DailyTotal { get; init; }

    /// <summary>The usage of the day before.</summary>
    public required decimal PreviousDay { get; init; }

    /// <summary>The change from the day before in percent; null from zero, and for a day that is not over.</summary>
    public required decimal? PercentChange { get; init; }

    /// <summary>Whether the day is not over yet.</summary>
    public required bool IsPartial { get; init; }

    /// <summary>The service's unit.</summary>
    public required string Unit { get; init; }

    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }
}
