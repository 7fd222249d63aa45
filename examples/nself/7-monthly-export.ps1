param([string] $Folder = '/var/billing')

# Last month, whole
$month = (Get-Date -AsUTC).AddMonths(-1).ToString('yyyy-MM')
"Generating monthly usage report for $month..."

# Export in multiple formats
Export-Usage "$Folder/usage_$month.csv" -Start $month -End $month -Force
Export-Usage "$Folder/usage_$month.json" -Start $month -End $month -Force

# Archive old records (keep last 90 days); each run's archive has a name of its own
Invoke-UsageArchive 90 "$Folder/archive"

'Monthly export complete'
