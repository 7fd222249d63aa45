namespace UsageTracking.Time;

/// <summary>A half-open stretch of time: <see cref="Start"/> belongs to it, <see cref="End"/> does not.</summary>
public readonly record struct TimeRange
{
    /// <summary>Creates a range.</summary>
    /// <exception cref="UsageException"><c>InvalidRange</c>: the end lies before the start.</exception>
    public TimeRange(DateTimeOffset start, DateTimeOffset end)
    {
        if (end < start)
        {
            throw UsageException.Invalid("InvalidRange", FormattableString.Invariant(
                $"The range ends ({end:yyyy-MM-dd HH:mm:sszzz}) before it starts ({start:yyyy-MM-dd HH:mm:sszzz}). Give a start that is earlier than the end."));
        }

        Start = start;
        End = end;
    }

    /// <summary>The first instant of the range.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>The first instant after the range.</summary>
    public DateTimeOffset End { get; }

    /// <summary>Whether nothing can fall into the range.</summary>
    public bool IsEmpty => Start == End;

    /// <summary>All that can be recorded.</summary>
    public static TimeRange Everything { get; } = new(Instants.Earliest, new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>The range between two inputs of a user; what is left out takes the default.</summary>
    /// <exception cref="UsageException"><c>InvalidRange</c>: the end lies before the start.</exception>
    public static TimeRange Between(TimeInput? start, TimeInput? end, TimeRange byDefault, TimeZoneInfo zone)
    {
        DateTimeOffset first = start?.Start(zone) ?? byDefault.Start;
        DateTimeOffset last = end?.End(zone) ?? byDefault.End;
        if (start is null && last <= first && end?.Start(zone) < first)
        {
            throw UsageException.Invalid("InvalidRange", FormattableString.Invariant(
                $"The range ends at {last:yyyy-MM-dd HH:mm:sszzz}, not after the start it has where none is given ({first:yyyy-MM-dd HH:mm:sszzz}). Give -Start too."));
        }

        // The 28th as an end covers the 28th, but it does not make a range that starts on the 29th an empty one.
        if (last <= first && end?.Start(zone) is { } named)
            return new TimeRange(first, named);

        return new TimeRange(first, last);
    }

    /// <summary>The current calendar month of the zone, up to now.</summary>
    public static TimeRange CurrentMonth(DateTimeOffset now, TimeZoneInfo zone)
    {
        DateTime local = TimeZoneInfo.ConvertTime(now, zone).DateTime;
        return new TimeRange(Zones.FirstInstant(new DateTime(local.Year, local.Month, 1), zone), now);
    }

    /// <summary>The last complete calendar month of the zone.</summary>
    public static TimeRange LastMonth(DateTimeOffset now, TimeZoneInfo zone)
    {
        DateTime local = TimeZoneInfo.ConvertTime(now, zone).DateTime;
        var month = new DateTime(local.Year, local.Month, 1);
        return new TimeRange(Zones.FirstInstant(month.AddMonths(-1), zone), Zones.FirstInstant(month, zone));
    }

    /// <summary>The last complete days of the zone and today so far.</summary>
    public static TimeRange LastDays(int days, DateTimeOffset now, TimeZoneInfo zone) =>
        new(Zones.FirstInstant(TimeZoneInfo.ConvertTime(now, zone).Date.AddDays(-days), zone), now);

    /// <summary>The last complete days of the zone, today, and what may be recorded ahead of now.</summary>
    public static TimeRange LastDaysAndAhead(int days, DateTimeOffset now, TimeZoneInfo zone) =>
        new(LastDays(days, now, zone).Start, now + Instants.LargestLead);
}
