namespace UsageTracking.Time;

/// <summary>Rules for the instants that records carry: UTC, whole microseconds, within sane bounds.</summary>
public static class Instants
{
    /// <summary>The earliest instant a record may have. From 1980 on every zone's offset is a multiple of a quarter hour.</summary>
    public static readonly DateTimeOffset Earliest = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How far ahead of the clock a record may be.</summary>
    public static readonly TimeSpan LargestLead = TimeSpan.FromHours(24);

    /// <summary>The same instant in UTC, cut to microseconds (what PostgreSQL keeps).</summary>
    public static DateTimeOffset Truncate(DateTimeOffset instant)
    {
        long ticks = instant.UtcTicks;
        return new DateTimeOffset(ticks - (ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }

    /// <summary>Truncates the instant of a record and checks its bounds.</summary>
    /// <exception cref="UsageException"><c>InvalidTimestamp</c>: before 1980 or more than 24 hours ahead.</exception>
    public static DateTimeOffset ForRecord(DateTimeOffset instant, DateTimeOffset now)
    {
        if (instant < Earliest)
        {
            throw UsageException.Invalid("InvalidTimestamp", FormattableString.Invariant(
                $"The timestamp {instant:yyyy-MM-dd HH:mm:sszzz} is before 1980. Usage is recorded from 1980-01-01 on; check the year."), instant);
        }

        if (instant - now > LargestLead)
        {
            throw UsageException.Invalid("InvalidTimestamp", FormattableString.Invariant(
                $"The timestamp {instant:yyyy-MM-dd HH:mm:sszzz} is more than 24 hours ahead of this computer's clock ({now:yyyy-MM-dd HH:mm:sszzz}). Give the time the usage happened."), instant);
        }

        return Truncate(instant);
    }

    /// <summary>Checks the bounds of an instant that a period is found by.</summary>
    /// <exception cref="UsageException"><c>InvalidTimestamp</c>: before 1980 or after 9998.</exception>
    public static DateTimeOffset ForPeriod(DateTimeOffset instant)
    {
        // 1980 begins earlier in zones ahead of UTC.
        if (instant >= Earliest.AddDays(-1) && instant <= TimeRange.Everything.End)
            return instant;

        throw UsageException.Invalid("InvalidTimestamp", FormattableString.Invariant(
            $"The time {instant:yyyy-MM-dd HH:mm:sszzz} is not in any period: they begin from 1980 to 9998. Check the year."), instant);
    }

    /// <summary>The start of the quarter hour the instant falls in.</summary>
    public static DateTimeOffset QuarterHour(DateTimeOffset instant)
    {
        long ticks = instant.UtcTicks;
        return new DateTimeOffset(ticks - (ticks % TicksPerQuarterHour), TimeSpan.Zero);
    }

    /// <summary>The first quarter hour that starts at the instant or after it.</summary>
    public static DateTimeOffset NextQuarterHour(DateTimeOffset instant)
    {
        DateTimeOffset start = QuarterHour(instant);
        return start.UtcTicks == instant.UtcTicks ? start : start.AddTicks(TicksPerQuarterHour);
    }

    private const long TicksPerQuarterHour = 15 * TimeSpan.TicksPerMinute;
}
