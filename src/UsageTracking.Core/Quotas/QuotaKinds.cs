using UsageTracking.Metering;

namespace UsageTracking.Quotas;

/// <summary>How usage is held against a limit.</summary>
public enum QuotaKind
{
    /// <summary>The sum of a period's usage.</summary>
    Sum,

    /// <summary>What was kept on average in the period so far: its GB-hours divided by the hours gone by.</summary>
    Level,

    /// <summary>Not at all: the limit counts something else than the service.</summary>
    NotComparable,
}

/// <summary>Compares the units of limits and services.</summary>
internal static class QuotaKinds
{
    private const string PerHour = "-hours";

    /// <summary>The kind of a quota, and the unit of its figures.</summary>
    /// <param name="service">The service.</param>
    /// <param name="unit">The limit's unit; null for the service's usual one: what is kept counts by how much, not by how long.</param>
    public static (QuotaKind Kind, string Unit) Of(Service service, string? unit)
    {
        string? kept = service.Unit.EndsWith(PerHour, StringComparison.OrdinalIgnoreCase) ? service.Unit[..^PerHour.Length] : null;
        unit ??= service.CountsBytes && kept is not null ? kept : service.Unit;
        if (unit.Equals(service.Unit, StringComparison.OrdinalIgnoreCase))
            return (QuotaKind.Sum, service.Unit);

        return unit.Equals(kept, StringComparison.OrdinalIgnoreCase) ? (QuotaKind.Level, kept!) : (QuotaKind.NotComparable, unit);
    }
}
