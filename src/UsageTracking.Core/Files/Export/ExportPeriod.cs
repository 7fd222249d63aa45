using System.Globalization;
using UsageTracking.Time;

namespace UsageTracking.Files.Export;

/// <summary>The time an export is about, as -Start and -End take it: whole days by name, else instants; null where it is not limited.</summary>
internal sealed record ExportPeriod(string? Start, string? End)
{
    public static ExportPeriod Of(TimeRange range, TimeZoneInfo? zone)
    {
        TimeZoneInfo clocks = zone ?? TimeZoneInfo.Utc;
        ExportClock clock = ExportClock.Iso(zone);
        // The last day is named, as it is included.
        return new ExportPeriod(
            range.Start == TimeRange.Everything.Start ? null : Day(range.Start) ?? clock.Format(range.Start),
            range.End == TimeRange.Everything.End ? null : range.IsEmpty ? clock.Format(range.End) : Day(range.End, -1) ?? clock.Format(range.End));

        string? Day(DateTimeOffset instant, int days = 0)
        {
            DateTime local = TimeZoneInfo.ConvertTime(instant, clocks).DateTime;
            return Zones.FirstInstant(local.Date, clocks) == instant ? local.Date.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null;
        }
    }
}
