namespace UsageTracking.Time;

/// <summary>How usage is cut into periods.</summary>
public enum PeriodKind
{
    /// <summary>Local clock hours within one offset.</summary>
    Hourly,

    /// <summary>Local calendar days, of 23 or 25 hours where the clocks change.</summary>
    Daily,

    /// <summary>ISO weeks, from Monday.</summary>
    Weekly,

    /// <summary>Calendar months.</summary>
    Monthly,
}

/// <summary>One period: from its first instant (in the zone's offset then) up to the next one's.</summary>
public readonly record struct Period(DateTimeOffset Start, DateTimeOffset End);

/// <summary>Cuts a range into the hours, days, weeks and months of a zone.</summary>
public static class Calendar
{
    /// <summary>
    /// The periods that overlap the range, in order and without gaps. The first may start before the range and the last
    /// may end after it: a period's name is its own first instant, whatever part of it is asked for.
    /// </summary>
    public static IReadOnlyList<Period> Periods(TimeRange range, PeriodKind kind, TimeZoneInfo zone)
    {
        if (range.IsEmpty)
            return [];

        return kind == PeriodKind.Hourly ? Hours(range, zone) : Dates(range, kind, zone);
    }

    private static List<Period> Hours(TimeRange range, TimeZoneInfo zone)
    {
        // Within one offset the local hours are 60 minutes apart; a change of offset starts a new period.
        DateTimeOffset origin = range.Start.ToUniversalTime().AddHours(-1);
        DateTimeOffset limit = range.End.ToUniversalTime().AddHours(1);
        DateTimeOffset[] changes = [.. Zones.OffsetChanges(origin, limit, zone)];
        var periods = new List<Period>();
        DateTimeOffset segment = origin;
        for (int i = 0; i <= changes.Length; i++)
        {
            DateTimeOffset segmentEnd = i < changes.Length ? changes[i] : limit;
            TimeSpan offset = zone.GetUtcOffset(segment);
            DateTimeOffset start = segment;
            while (start < segmentEnd)
            {
                DateTimeOffset end = Earlier(NextHour(start, offset), segmentEnd);
                if (end > range.Start && start < range.End)
                    periods.Add(new Period(start.ToOffset(offset), end.ToOffset(offset)));

                start = end;
            }

            segment = segmentEnd;
        }

        return periods;
    }

    private static DateTimeOffset NextHour(DateTimeOffset instant, TimeSpan offset)
    {
        long local = instant.UtcTicks + offset.Ticks;
        return new DateTimeOffset(local - (local % TimeSpan.TicksPerHour) + TimeSpan.TicksPerHour - offset.Ticks, TimeSpan.Zero);
    }

    private static List<Period> Dates(TimeRange range, PeriodKind kind, TimeZoneInfo zone)
    {
        DateTime date = First(TimeZoneInfo.ConvertTime(range.Start, zone).Date, kind);
        DateTimeOffset start = Zones.FirstInstant(date, zone);
        var periods = new List<Period>();
        while (start < range.End)
        {
            date = Next(date, kind);
            DateTimeOffset end = Zones.FirstInstant(date, zone);
            // A day that a zone left out altogether (Samoa, 30 December 2011) is no period.
            if (end > start && end > range.Start)
                periods.Add(new Period(start, end));

            start = end;
        }

        return periods;
    }

    private static DateTime First(DateTime date, PeriodKind kind) => kind switch
    {
        PeriodKind.Weekly => date.AddDays(-(((int)date.DayOfWeek + 6) % 7)),
        PeriodKind.Monthly => new DateTime(date.Year, date.Month, 1),
        _ => date,
    };

    private static DateTime Next(DateTime date, PeriodKind kind) => kind switch
    {
        PeriodKind.Weekly => date.AddDays(7),
        PeriodKind.Monthly => date.AddMonths(1),
        _ => date.AddDays(1),
    };

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
