using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;
using UsageTracking.Profiles;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommunications.Connect, "UsageStore", DefaultParameterSetName = PathSet)]
[OutputType(typeof(UsageStoreInfo))]
public sealed class ConnectUsageStoreCommand : StoreAddressCmdlet
{
    private const string ProfileSet = "Profile";

    [Parameter(Mandatory = true, ParameterSetName = ProfileSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string? Profile { get; set; }

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
        if (Profile is not null)
        {
            ProfileBook book = ProfileStores.OpenBook(new SecretVault(this));
            UsageProfile profile = book.Find(Profile);
            return Session.Connect(
                ProfileStores.Open(profile, book), $"profile {profile.Name}", CustomerId ?? profile.CustomerId, TimeZone ?? profile.TimeZone);
        }

        if (CreateStore() is { } named)
            return Session.Connect(named, "Connect-UsageStore", CustomerId, TimeZone);

        // Only a customer or a zone: of the store that would be used anyway.
        (IUsageStore store, string source) = StoreLocator.Locate(Environment.GetEnvironmentVariable);
        return Session.Connect(store, source, CustomerId, TimeZone);
    }
}
