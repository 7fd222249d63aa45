param([string] $To = 'ops@example.org')

# Check quotas for all services; an alert whose mail could not be sent is tried again by the next check
'Checking usage quotas...'
Invoke-UsageAlertCheck -Action {
    $urgency = @{ Exceeded = 'URGENT: Quota Exceeded'; Critical = 'WARNING: Quota Critical' }["$($_.Level)"]
    if ($urgency) { $_.Message | mail -s $urgency $To }
}

# Show recent alert history
'Recent Alerts (Last 7 Days)'
Get-UsageAlert 7
