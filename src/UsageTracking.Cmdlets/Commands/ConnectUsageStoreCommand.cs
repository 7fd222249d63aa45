using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;
using UsageTracking.Session;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Stores.Sqlite;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommunications.Connect, "UsageStore", DefaultParameterSetName = PathSet)]
[OutputType(typeof(UsageStoreInfo))]
public sealed class ConnectUsageStoreCommand : UsageCmdlet
{
    private const string PathSet = "Path";
    private const string StringSet = "ConnectionString";
    private const string ServerSet = "Server";

    [Parameter(Position = 0, ParameterSetName = PathSet)]
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

    [Parameter]
    public SwitchParameter DecimalUnits { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        StoreConnection connection = Connect();
        if (DecimalUnits)
            connection.UseBytesPerGigabyte(ServiceCatalogue.DecimalGigabyte);

        try
        {
            Wait(connection.PrepareAsync(Cancel));
        }
        catch (UsageException error) when (error.ErrorId == "StoreNotInitialized")
        {
            WriteWarning(error.Message);
        }
        catch (UsageException error)
        {
            // Connected all the same: records that are added now wait for this store, and never go to another.
            WriteItemError(error);
        }

        if (PassThru)
            WriteObject(GetUsageStoreCommand.Describe(this, connection, Cancel));
    }

    private StoreConnection Connect()
    {
        // Only a customer or a zone: of the store that would be used anyway.
        if (ParameterSetName == PathSet && Path is null)
        {
            (IUsageStore store, string source) = StoreLocator.Locate(Environment.GetEnvironmentVariable);
            return Session.Connect(store, source, CustomerId, TimeZone);
        }

        return Session.Connect(CreateStore(), "Connect-UsageStore", CustomerId, TimeZone);
    }

    private IUsageStore CreateStore() => ParameterSetName switch
    {
        // A connection string that was given without its parameter's name must not become the name of a file.
        PathSet => StoreLocator.IsServer(Path!) ? new PostgresStore(Path!) : new SqliteStore(GetUnresolvedProviderPathFromPSPath(Path)),
        StringSet => new PostgresStore(ConnectionString!),
        _ => StoreLocator.Server(
            HostName!, Port, Database!, Credential?.UserName,
            Credential is null || Credential == PSCredential.Empty ? null : Credential.GetNetworkCredential().Password),
    };
}
