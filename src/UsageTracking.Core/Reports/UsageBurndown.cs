namespace UsageTracking.Reports;

/// <summary>How much of a quota was to be left at the end of one day of its period, and how much was.</summary>
public sealed record UsageBurndown
{
    /// <summary>The local day.</summary>
    public required DateTime Date { get; init; }

    /// <summary>What should be left at the end of the day; 0 on the last one.</summary>
    public required decimal Target { get; init; }

    /// <summary>What was left then; today, what is left now. Null for days to come and for days nothing was measured on.</summary>
    public required decimal? Actual { get; init; }

    /// <summary>What is likely to be left at the end of the day. Null before today, and where too little is known.</summary>
    public required decimal? Projected { get; init; }

    /// <summary>The low end of <see cref="Projected"/>: in four of five cases it lies between the two.</summary>
    public required decimal? ProjectedLow { get; init; }

    /// <summary>The high end of <see cref="Projected"/>.</summary>
    public required decimal? ProjectedHigh { get; init; }

    /// <summary>
    /// <see cref="Actual"/> minus the target: above zero usage is saved, below it is too fast. Today it compares with the
    /// target at this moment.
    /// </summary>
    public required decimal? Ahead { get; init; }

    /// <summary>The limit in force at the end of the day, top-ups included.</summary>
    public required decimal Limit { get; init; }

    /// <summary>Whether the day is not over yet.</summary>
    public required bool IsPartial { get; init; }

    /// <summary>The instant that <see cref="Actual"/> is about: the end of the day, or now.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The end of the day.</summary>
    public required DateTimeOffset DayEnd { get; init; }

    /// <summary>The first instant of the period.</summary>
    public required DateTimeOffset PeriodStart { get; init; }

    /// <summary>The first instant after the period.</summary>
    public required DateTimeOffset PeriodEnd { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>The unit of all quantities.</summary>
    public required string Unit { get; init; }

    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }
}
