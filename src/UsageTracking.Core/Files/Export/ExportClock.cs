using System.Globalization;

namespace UsageTracking.Files.Export;

/// <summary>Writes timestamps in UTC, or as the clocks of a zone show them with their offset; fractions only where there are any.</summary>
internal sealed class ExportClock
{
    private readonly TimeZoneInfo? _zone;
    private readonly string _format;

    private ExportClock(TimeZoneInfo? zone, string separator, string utcMark)
    {
        _zone = zone;
        _format = $"yyyy-MM-dd'{separator}'HH:mm:ss.FFFFFF{(zone is null ? utcMark : "zzz")}";
    }

    /// <summary>As 2026-01-30 16:45:23, which is UTC, or 2026-01-30 17:45:23+01:00.</summary>
    public static ExportClock Plain(TimeZoneInfo? zone) => new(zone, " ", "");

    /// <summary>As 2026-01-30T16:45:23Z or 2026-01-30T17:45:23+01:00.</summary>
    public static ExportClock Iso(TimeZoneInfo? zone) => new(zone, "T", "'Z'");

    /// <summary>Bytes that any timestamp fits in.</summary>
    public const int Longest = 40;

    /// <summary>The timestamp in UTF-8.</summary>
    public ReadOnlySpan<byte> Format(DateTimeOffset time, Span<byte> buffer)
    {
        Local(time).TryFormat(buffer, out int length, _format, CultureInfo.InvariantCulture);
        return buffer[..length];
    }

    /// <summary>The timestamp as text.</summary>
    public string Format(DateTimeOffset time) => Local(time).ToString(_format, CultureInfo.InvariantCulture);

    private DateTimeOffset Local(DateTimeOffset time) => _zone is null ? time.ToUniversalTime() : TimeZoneInfo.ConvertTime(time, _zone);
}
