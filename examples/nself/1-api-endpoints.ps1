# Track various API endpoints
Add-UsageApiRequest /api/users GET 200
Add-UsageApiRequest /api/users/123 GET 200
Add-UsageApiRequest /api/posts POST 201
Add-UsageApiRequest /api/invalid GET 404

# View usage
$today = Get-Date -AsUTC -Format yyyy-MM-dd
Get-Usage api -Start $today -End $today
