using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Session;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Stores.Sqlite;

namespace UsageTracking.Cmdlets;

/// <summary>A cmdlet that is told a store's address, in any of the ways there are.</summary>
public abstract class StoreAddressCmdlet : UsageCmdlet
{
    private protected const string PathSet = "Path";
    private const string StringSet = "ConnectionString";
    private const string ServerSet = "Server";

    [Parameter(Position = 1, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = StringSet)]
    [ValidateNotNullOrEmpty]
    public string? ConnectionString { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = ServerSet)]
    [ValidateNotNullOrEmpty]
    public string? HostName { get; set; }

    [Parameter(ParameterSetName = ServerSet)]
    [ValidateRange(1, 65535)]
    public int Port { get; set; } = 5432;

    [Parameter(Mandatory = true, ParameterSetName = ServerSet)]
    [ValidateNotNullOrEmpty]
    public string? Database { get; set; }

    [Parameter(ParameterSetName = ServerSet)]
    [Credential]
    public PSCredential? Credential { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CustomerId { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    /// <summary>The store that is named; null where none is.</summary>
    /// <exception cref="UsageException"><c>InvalidConnectionString</c>.</exception>
    private protected IUsageStore? CreateStore() => this switch
    {
        // A connection string that was given without its parameter's name must not become the name of a file.
        { Path: { } path } => StoreLocator.IsServer(path) ? new PostgresStore(path) : new SqliteStore(GetUnresolvedProviderPathFromPSPath(path)),
        { ConnectionString: { } text } => new PostgresStore(text),
        { HostName: { } host } => StoreLocator.Server(
            host, Port, Database!, Credential?.UserName,
            Credential is null || Credential == PSCredential.Empty ? null : Credential.GetNetworkCredential().Password),
        _ => null,
    };
}
