namespace UsageTracking.Time;

/// <summary>Time zones by name, and the translation of local clock times into instants.</summary>
public static class Zones
{
    /// <summary>Finds a zone by its IANA or Windows id, on every platform.</summary>
    /// <exception cref="UsageException"><c>InvalidTimeZone</c>: no such zone.</exception>
    public static TimeZoneInfo Find(string id)
    {
        if (string.Equals(id, "UTC", StringComparison.OrdinalIgnoreCase))
            return TimeZoneInfo.Utc;

        try
        {
            return TimeZoneInfo.FindSystemTimeZoneById(id);
        }
        catch (Exception cause) when (cause is TimeZoneNotFoundException or InvalidTimeZoneException or ArgumentException or System.Security.SecurityException)
        {
            throw UsageException.Invalid("InvalidTimeZone",
                $"'{id}' is no time zone this computer knows. Use an IANA name such as 'Europe/London', a Windows name such as 'GMT Standard Time', or 'UTC'.", id, cause);
        }
    }

    /// <summary>The ids of the zones this computer knows, in order: IANA's, and where it has them, those of Windows.</summary>
    public static IReadOnlyList<string> Ids()
    {
        var ids = new SortedSet<string>(StringComparer.Ordinal) { "UTC" };
        foreach (TimeZoneInfo zone in TimeZoneInfo.GetSystemTimeZones(skipSorting: true))
        {
            ids.Add(zone.Id);
            // Windows lists only its own.
            if (!zone.HasIanaId && TimeZoneInfo.TryConvertWindowsIdToIanaId(zone.Id, out string? iana))
                ids.Add(iana);
        }

        return [.. ids];
    }

    /// <summary>The instant at which the zone's clocks show this time: the first, where they show it twice.</summary>
    /// <exception cref="UsageException"><c>InvalidTimestamp</c>: the clocks skip this time.</exception>
    public static DateTimeOffset ToInstant(DateTime local, TimeZoneInfo zone)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        if (FirstShown(local, zone) is { } instant)
            return instant;

        DateTimeOffset gapEnd = FirstInstant(local, zone);
        DateTimeOffset before = TimeZoneInfo.ConvertTime(gapEnd.AddTicks(-1), zone);
        DateTime gapStart = before.DateTime.AddTicks(1);
        throw UsageException.Invalid("InvalidTimestamp", FormattableString.Invariant(
            $"{local:yyyy-MM-dd HH:mm:ss} does not exist in {zone.Id}: the clocks go from {gapStart:HH:mm} to {gapEnd:HH:mm} that day. Give a time outside the gap, or one with its offset."), local);
    }

    /// <summary>The first instant at which the zone's clocks show this time or a later one, with the offset then in force.</summary>
    public static DateTimeOffset FirstInstant(DateTime local, TimeZoneInfo zone)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        if (FirstShown(local, zone) is { } instant)
            return instant;

        // The clocks jump over this time. A day on either side is outside any jump; the first change between them is the jump.
        DateTimeOffset from = new(DateTime.SpecifyKind(local, DateTimeKind.Utc).AddDays(-1));
        foreach (DateTimeOffset change in OffsetChanges(from, from.AddDays(2), zone))
        {
            if (TimeZoneInfo.ConvertTime(change, zone).DateTime >= local)
                return TimeZoneInfo.ConvertTime(change, zone);
        }

        throw new InvalidOperationException($"No change of offset found around {local:o} in {zone.Id}.");
    }

    /// <summary>The instants in (from, to) at which the zone's offset changes, in order.</summary>
    public static IEnumerable<DateTimeOffset> OffsetChanges(DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone)
    {
        if (zone.GetAdjustmentRules().Length == 0)
            yield break;

        // Offsets change on whole seconds, and no zone changes its offset twice in twelve hours.
        DateTimeOffset low = new(from.UtcTicks - (from.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        while (low < to)
        {
            DateTimeOffset high = low.AddHours(12);
            TimeSpan offset = zone.GetUtcOffset(low);
            if (zone.GetUtcOffset(high) != offset)
            {
                DateTimeOffset change = FindChange(low, high, offset, zone);
                if (change < to)
                    yield return change;
            }

            low = high;
        }
    }

    private static DateTimeOffset FindChange(DateTimeOffset low, DateTimeOffset high, TimeSpan offset, TimeZoneInfo zone)
    {
        while (high - low > TimeSpan.FromSeconds(1))
        {
            long half = (high - low).Ticks / 2;
            DateTimeOffset middle = low.AddTicks(half - (half % TimeSpan.TicksPerSecond));
            if (zone.GetUtcOffset(middle) == offset)
                low = middle;
            else
                high = middle;
        }

        return high;
    }

    /// <summary>The first instant at which the clocks show exactly this time; null where they skip it.</summary>
    /// <remarks>
    /// TimeZoneInfo knows the offset of every instant, but not of every clock time: IsInvalidTime misses the gap of each
    /// spring in Dublin and Casablanca, whose daylight saving is negative, and of any change of a zone's base offset.
    /// So the offsets around the time are tried out.
    /// </remarks>
    private static DateTimeOffset? FirstShown(DateTime local, TimeZoneInfo zone)
    {
        // No offset exceeds 14 hours or lasts less than 12: where the time is shown, one of these instants has its offset.
        DateTimeOffset middle = new(DateTime.SpecifyKind(local, DateTimeKind.Utc));
        DateTimeOffset? first = null;
        for (int hours = -24; hours <= 24; hours += 12)
        {
            TimeSpan offset = zone.GetUtcOffset(middle.AddHours(hours));
            var shown = new DateTimeOffset(local, offset);
            if (zone.GetUtcOffset(shown) == offset && !(shown >= first))
                first = shown;
        }

        return first;
    }
}
