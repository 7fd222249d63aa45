using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Readings;

/// <summary>
/// What a caller said of one reading, unchecked, of whatever types it had. <see cref="Check"/> turns it into a reading or
/// says what is wrong with it.
/// </summary>
public sealed class ReadingInput
{
    /// <summary>The service where none is named.</summary>
    public const string DefaultService = "bandwidth";

    /// <summary>The meter where none is named.</summary>
    public const string DefaultMeter = "default";

    private const int LongestMeter = 255;

    private readonly List<(ReadingKind Kind, bool InBytes, object? Value)> _values = [];

    /// <summary>Whose meter it is.</summary>
    public string? CustomerId { get; set; }

    /// <summary>The service it counts.</summary>
    public string? Service { get; set; } = DefaultService;

    /// <summary>The meter's name.</summary>
    public string? Meter { get; set; } = DefaultMeter;

    /// <summary>When it was read; the moment of the check where it was left out.</summary>
    public TimeInput? Timestamp { get; set; }

    /// <summary>Puts what the meter said; of several values none is taken.</summary>
    public void Put(ReadingKind kind, bool inBytes, object? value) => _values.Add((kind, inBytes, value));

    /// <summary>Checks every value and returns the reading.</summary>
    /// <param name="catalogue">The services.</param>
    /// <param name="zone">The zone of clock times without an offset.</param>
    /// <param name="now">The time of a reading that names none.</param>
    /// <exception cref="UsageException">The first thing that is wrong, with its id.</exception>
    public MeterReading Check(ServiceCatalogue catalogue, TimeZoneInfo zone, DateTimeOffset now)
    {
        if (_values is not [var (kind, inBytes, value)])
        {
            throw UsageException.Invalid("InvalidReading",
                $"A reading has one value; this one has {(_values.Count == 0 ? "none" : "several")}. Give one of Remaining and Total, in the service's unit, or of RemainingBytes and TotalBytes.");
        }

        // Bytes are counted as in a record.
        UsageRecord record = catalogue.Resolve(new RecordInput
        {
            CustomerId = CustomerId,
            Service = Service,
            Quantity = Quantity.Read(value, kind == ReadingKind.Remaining ? "remaining amount" : "total"),
            InBytes = inBytes,
            Timestamp = Timestamp,
        }.Check(zone, now));
        return new MeterReading(record.CustomerId, catalogue.Get(record.Service), CheckMeter(Meter), kind, record.Timestamp, record.Quantity);
    }

    private static string CheckMeter(string? meter)
    {
        if (string.IsNullOrWhiteSpace(meter) || meter.Length > LongestMeter || meter.Any(c => char.IsControl(c) || char.IsSurrogate(c)))
        {
            throw UsageException.Invalid("InvalidMeter",
                $"A meter's name has 1 to {LongestMeter} characters and no control characters. Leave it out where there is only one meter.", meter);
        }

        return meter;
    }
}
