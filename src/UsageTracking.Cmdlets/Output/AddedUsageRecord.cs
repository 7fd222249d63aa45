using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Output;

/// <summary>A record as it was added to the queue. Its price is stamped when it is stored, unless one was given.</summary>
public sealed class AddedUsageRecord
{
    private readonly UsageRecord _core;
    private UsageMetadata? _metadata;

    internal AddedUsageRecord(UsageRecord core, TimeZoneInfo zone)
    {
        _core = core;
        Timestamp = TimeZoneInfo.ConvertTime(core.Timestamp, zone);
    }

    /// <summary>When the usage happened.</summary>
    public DateTimeOffset Timestamp { get; }

    /// <summary>Whose usage it is.</summary>
    public string CustomerId => _core.CustomerId;

    /// <summary>The service used.</summary>
    public string Service => _core.Service;

    /// <summary>How much, in the service's unit; null while the store has not told how many bytes its GB has.</summary>
    public decimal? Quantity => _core.InBytes ? null : _core.Quantity;

    /// <summary>The price per unit, where one was given.</summary>
    public decimal? UnitCost => _core.UnitCost;

    /// <summary>What else is known about the event.</summary>
    public UsageMetadata Metadata => _metadata ??= new UsageMetadata(_core.Metadata);

    /// <summary>The caller's key, where it gave one.</summary>
    public string? EventKey => _core.EventKey;
}
