"""Experts to the grass roots 海外留学专家服务基层: what counties ask for, who goes there, the days of service, and what came of it."""
