using System.Globalization;
using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>Reads a store's state from its settings.</summary>
internal static class StoreStates
{
    /// <summary>Whether the option AutoCreateCustomer, as it is kept, creates customers; it does where it was never kept.</summary>
    public static bool CreatesCustomers(string? kept) => kept?.Trim().ToUpperInvariant() is not ("FALSE" or "0" or "NO" or "OFF");

    public static StoreState FromSettings(IReadOnlyDictionary<string, string> settings, int latestVersion)
    {
        StoreState state = new(
            settings.ContainsKey(SettingNames.SchemaVersion),
            settings.TryGetValue(SettingNames.SchemaVersion, out string? version) ? int.Parse(version, CultureInfo.InvariantCulture) : 0,
            settings.TryGetValue(SettingNames.StoreId, out string? id) ? Guid.Parse(id) : null,
            settings.TryGetValue(SettingNames.BytesPerGigabyte, out string? bytes)
                ? long.Parse(bytes, CultureInfo.InvariantCulture)
                : ServiceCatalogue.BinaryGigabyte);
        return state with
        {
            IsCurrent = state.SchemaVersion == latestVersion,
            IsDistributed = settings.ContainsKey(SettingNames.Distributed),
            CopyFrom = settings.TryGetValue(SettingNames.CopyFrom, out string? from) ? Guid.Parse(from) : null,
        };
    }
}
