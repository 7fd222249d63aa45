using System.Management.Automation;
using UsageTracking.Reports;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageQuota")]
[OutputType(typeof(UsageQuota))]
public sealed class GetUsageQuotaCommand : QuotaCmdlet
{
    /// <inheritdoc/>
    protected override void OnQuotas()
    {
        foreach (UsageQuota quota in Wait(QuotaReport.ReadAsync(Connection.Store, Book, Standings, Session.Options.Thresholds, Widening, Cancel)))
            WriteObject(quota);
    }
}
