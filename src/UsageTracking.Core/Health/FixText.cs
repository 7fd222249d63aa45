using UsageTracking.Stores;

namespace UsageTracking.Health;

/// <summary>Commands as they are typed in PowerShell.</summary>
internal static class FixText
{
    /// <summary>Connects a store, as a role that somebody names.</summary>
    public static string Connect(StoreAddress address) => address.Path is { } path
        ? $"Connect-UsageStore -Path {Quote(path)}"
        : FormattableString.Invariant($"Connect-UsageStore -HostName {Quote(address.HostName!)} -Port {address.Port} -Database {Quote(address.Database!)} -Credential (Get-Credential)");

    /// <summary>Connects the store of that address.</summary>
    public static string Connect(string address) => address.StartsWith("postgresql:", StringComparison.Ordinal)
        ? $"Connect-UsageStore -ConnectionString {Quote(address)}"
        : $"Connect-UsageStore -Path {Quote(address)}";

    /// <summary>Has a server run a statement, as the owner of its tables.</summary>
    public static string Run(StoreAddress address, string statement) =>
        FormattableString.Invariant($"psql --host {Quote(address.HostName!)} --port {address.Port} --dbname {Quote(address.Database!)} --command {Quote(statement)}");

    /// <summary>Text as one argument.</summary>
    public static string Quote(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/' or ':' or '\\') && !text.StartsWith('-')
            ? text
            : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
