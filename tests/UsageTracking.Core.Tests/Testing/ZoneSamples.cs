using UsageTracking.Time;

namespace UsageTracking.Tests.Testing;

/// <summary>Zones of every kind of difficulty.</summary>
internal static class ZoneSamples
{
    public static IReadOnlyList<TimeZoneInfo> All { get; } =
    [
        .. new[]
        {
            "UTC",
            "Europe/London", "Europe/Berlin", "America/New_York",
            // Daylight saving below zero.
            "Europe/Dublin", "Africa/Casablanca",
            // Offsets and shifts that are no whole hours.
            "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Asia/Kolkata", "Pacific/Chatham", "Asia/Pyongyang", "America/Caracas",
            // Midnight left out, or repeated.
            "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo", "America/Havana", "America/Asuncion", "Asia/Tehran", "Asia/Amman",
            // A day left out.
            "Pacific/Apia", "Pacific/Fakaofo",
            // Changes of three hours, of two, and for good.
            "Antarctica/Casey", "Antarctica/Troll", "Europe/Moscow", "Europe/Istanbul", "America/Nuuk",
            // The ends of the world.
            "Pacific/Kiritimati", "Pacific/Pago_Pago",
        }.Select(Zones.Find),
    ];
}
