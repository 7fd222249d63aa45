using UsageTracking.Time;

namespace UsageTracking.Files.Archives;

/// <summary>The times of an archive, as 2026-01-30T16:45:23.123456Z.</summary>
internal static class ArchiveTime
{
    public static DateTimeOffset Parse(ReadOnlySpan<byte> utf8) => TimeInput.TryParseUtf8(utf8, out TimeInput time)
        ? time.Start(TimeZoneInfo.Utc)
        : throw new FormatException("No time.");
}
