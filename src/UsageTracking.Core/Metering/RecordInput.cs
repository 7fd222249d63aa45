using UsageTracking.Time;

namespace UsageTracking.Metering;

/// <summary>
/// What a caller said of one event, unchecked, of whatever types it had. <see cref="Check"/> turns it into a record or
/// says what is wrong with it.
/// </summary>
public sealed class RecordInput
{
    private const int LongestService = 100;
    private const int LongestEventKey = 255;

    /// <summary>Whose usage it is.</summary>
    public string? CustomerId { get; set; }

    /// <summary>The service used.</summary>
    public string? Service { get; set; }

    /// <summary>How much; one where it was left out.</summary>
    public object? Quantity { get; set; } = 1;

    /// <summary>When; the moment of the check where it was left out.</summary>
    public TimeInput? Timestamp { get; set; }

    /// <summary>What else is known.</summary>
    public Metadata Metadata { get; set; } = Metadata.Empty;

    /// <summary>The price per unit, where the price list is not to be asked.</summary>
    public object? UnitCost { get; set; }

    /// <summary>The caller's own key for the event.</summary>
    public string? EventKey { get; set; }

    /// <summary>Whether the quantity is in bytes.</summary>
    public bool InBytes { get; set; }

    /// <summary>Checks every value and returns the record.</summary>
    /// <param name="zone">The zone of clock times without an offset.</param>
    /// <param name="now">The time of an event that names none.</param>
    /// <exception cref="UsageException">The first thing that is wrong, with its id.</exception>
    public UsageRecord Check(TimeZoneInfo zone, DateTimeOffset now) => CheckCost(new UsageRecord
    {
        CustomerId = CustomerIds.Check(CustomerId),
        Service = CheckService(Service),
        Quantity = Metering.Quantity.Read(Quantity),
        Timestamp = Timestamp is { } given ? Instants.ForRecord(given.Start(zone), now) : Instants.Truncate(now),
        HasOwnTimestamp = Timestamp is not null,
        Metadata = Metadata,
        UnitCost = UnitCost is null ? null : Metering.Quantity.ReadUnitCost(UnitCost),
        EventKey = CheckEventKey(EventKey),
        InBytes = InBytes,
    });

    /// <summary>Refuses what would cost more than a record may.</summary>
    internal static UsageRecord CheckCost(UsageRecord record)
    {
        const decimal LargestCost = 1e15m;
        if (record.UnitCost is { } unitCost && unitCost > 0 && record.Quantity > LargestCost / unitCost)
        {
            throw UsageException.Invalid("InvalidUnitCost", FormattableString.Invariant(
                $"{record.Quantity} at {unitCost} each costs more than {LargestCost:N0}, the most one record may cost. Check the unit cost."), unitCost);
        }

        return record;
    }

    private static string CheckService(string? service)
    {
        if (string.IsNullOrWhiteSpace(service))
            throw UsageException.Invalid("UnknownService", "No service was named. Name one that Get-UsageService lists, such as 'api'.", service);

        if (service.Length > LongestService || HasControlCharacter(service))
            throw UsageException.Invalid("UnknownService", $"A service's name has at most {LongestService} characters and no control characters.", service);

        return service;
    }

    private static string? CheckEventKey(string? key)
    {
        if (key is null)
            return null;

        if (key.Length is 0 or > LongestEventKey || HasControlCharacter(key))
        {
            throw UsageException.Invalid("InvalidEventKey",
                $"An event key has 1 to {LongestEventKey} characters and no control characters. Leave it out where there is none.", key);
        }

        return key;
    }

    private static bool HasControlCharacter(string text)
    {
        foreach (char c in text)
        {
            if (char.IsControl(c) || char.IsSurrogate(c))
                return true;
        }

        return false;
    }
}
