using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Readings;

/// <summary>What a meter said; its values have been checked.</summary>
/// <param name="CustomerId">Whose meter it is.</param>
/// <param name="Service">The service it counts.</param>
/// <param name="Meter">The meter's name.</param>
/// <param name="Kind">What it says.</param>
/// <param name="ReadAt">When it was read, in UTC and whole microseconds.</param>
/// <param name="Value">What it said, in the service's unit.</param>
public sealed record MeterReading(string CustomerId, Service Service, string Meter, ReadingKind Kind, DateTimeOffset ReadAt, decimal Value)
{
    /// <summary>As in 'the reading 96.5 GB remaining of the meter 'line 1' at 2026-06-01 05:30:00Z'.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"the reading {Value} {Service.Unit} {(Kind == ReadingKind.Remaining ? "remaining" : "in total")} of the meter '{Meter}' at {ReadAt:u}");

    internal UsageException NotFound() => NotFound(CustomerId, Service, Meter, ReadAt);

    internal static UsageException NotFound(string customerId, Service service, string meter, DateTimeOffset readAt) => new(
        UsageErrorKind.NotFound, "ReadingNotFound", FormattableString.Invariant(
        $"The meter '{meter}' of '{service.Name}' of the customer '{customerId}' has no reading at {readAt:yyyy-MM-dd HH:mm:ss.FFFFFF'Z'}. Get-UsageReading lists those there are; what it writes can be piped in."),
        meter);
}
