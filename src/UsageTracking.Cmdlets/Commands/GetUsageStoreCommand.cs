using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageStore")]
[OutputType(typeof(UsageStoreInfo))]
public sealed class GetUsageStoreCommand : UsageCmdlet
{
    internal static UsageStoreInfo Describe(StoreConnection connection, CancellationToken cancel)
    {
        try
        {
            StoreState state = connection.Store.GetStateAsync(cancel).WaitAsync(cancel).GetAwaiter().GetResult();
            return new UsageStoreInfo(Session, connection, state, null);
        }
        catch (UsageException error)
        {
            return new UsageStoreInfo(Session, connection, null, error);
        }
    }

    /// <inheritdoc/>
    protected override void OnEnd() => WriteObject(Describe(Session.Connection, Cancel));
}
