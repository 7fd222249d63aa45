namespace UsageTracking.Stores;

/// <summary>Names in the table usage_settings.</summary>
internal static class SettingNames
{
    public const string SchemaVersion = "schema_version";
    public const string StoreId = "store_id";
    public const string BytesPerGigabyte = "bytes_per_gigabyte";

    /// <summary>Is there where the tables are spread over several servers.</summary>
    public const string Distributed = "distributed";

    /// <summary>What stands before the name of an option.</summary>
    public const string OptionPrefix = "option.";

    /// <summary>The option that is kept in a store that was adopted.</summary>
    public const string AutoCreateCustomer = OptionPrefix + "AutoCreateCustomer";

    /// <summary>The id of the store that is being copied into this one, while that is not finished.</summary>
    public const string CopyFrom = "copy.from";

    /// <summary>How far that has got.</summary>
    public const string CopyPosition = "copy.position";
}
